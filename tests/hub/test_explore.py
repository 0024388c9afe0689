import json
from tests.hub import documents as docs
def test_explore(world, number):
    w=world
    w.take("warehouse-main", docs.stock_report(f"c{number}", **{f"ITA_{number}":10}))
    w.take("shop-eu", docs.shop_order(f"S{number}", (f"ITA-{number}",2,"10.00"), total="20.00"))
    asked=w.asked_to_ship(f"S{number}-S1")
    print(asked)
    w.take("warehouse-main", docs.dispatch(asked, f"TRK{number}"))
    w.take("parcels", docs.tracking(f"TRK{number}","in_transit","2026-11-21T09:00:00Z"))
    w.take("parcels", docs.tracking(f"TRK{number}","delivered","2026-11-22T09:00:00Z"))
    w.take("stripe-eu", docs.card_payment(f"S{number}",2000))
    o=w.order(f"S{number}", state="closed")
    print(json.dumps(o,indent=1))
    r=w.take("dealer-acme", docs.interchange(900+number, docs.dealer_order(f"PO-{number}",(f"ITA-{number}",3,"5.00")), docs.dealer_order(f"PO-{number}b",(f"ITA-{number}",1,"5.00"),unit="ZZ")))
    print(r)
    asked=w.asked_to_ship(f"PO-{number}-S1")
    w.take("warehouse-main", docs.dispatch(asked, f"TRK{number}b"))
    w.take("bank", docs.bank_credit(f"B{number}","15.00",f"INV-PO-{number}-S1"))
    o=w.order(f"PO-{number}", payment="paid")
    print(o["state"],o["fulfilment"])
    import time; time.sleep(3); print([(m["type"],m["subject"],m["channels"],m["standing"]) for m in w.messages(standing="on_its_way")])
    for b in w.partners.dealer.bodies: print(b.decode().replace("~","~\n"))
    for t,d in w.told_shop(f"S{number}"): print(t,json.dumps(d))
    print(w.ledger_of(str(number)))
    print(w.found(f"/shipments/S{number}-S1"))
    print(w.command("verify"))
    assert 0
