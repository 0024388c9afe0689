"""Every connector, one literal row each. A new kind of partner system is a folder and a row."""

from connectors.base import Connector
from connectors.carriers.aftership import poll as aftership_poll
from connectors.carriers.aftership import receive as aftership
from connectors.carriers.aftership import send as aftership_out
from connectors.carriers.aftership.settings import AfterShipSettings
from connectors.carriers.dhl import poll as dhl_poll
from connectors.carriers.dhl import receive as dhl
from connectors.carriers.dhl.settings import DhlSettings
from connectors.carriers.easypost import poll as easypost_poll
from connectors.carriers.easypost import receive as easypost
from connectors.carriers.easypost import send as easypost_out
from connectors.carriers.easypost.settings import EasyPostSettings
from connectors.carriers.fedex import poll as fedex_poll
from connectors.carriers.fedex import receive as fedex
from connectors.carriers.fedex.settings import FedExSettings
from connectors.carriers.kuaidi100 import poll as kuaidi100_poll
from connectors.carriers.kuaidi100 import receive as kuaidi100
from connectors.carriers.kuaidi100 import send as kuaidi100_out
from connectors.carriers.kuaidi100.settings import Kuaidi100Settings
from connectors.carriers.sf import poll as sf_poll
from connectors.carriers.sf import receive as sf
from connectors.carriers.sf.settings import SfSettings
from connectors.carriers.track17 import poll as track17_poll
from connectors.carriers.track17 import receive as track17
from connectors.carriers.track17 import send as track17_out
from connectors.carriers.track17.settings import Track17Settings
from connectors.carriers.ups import poll as ups_poll
from connectors.carriers.ups import receive as ups
from connectors.carriers.ups.settings import UpsSettings
from connectors.dealers.cxml import receive as cxml
from connectors.dealers.cxml import send as cxml_out
from connectors.dealers.cxml.settings import CxmlSettings
from connectors.dealers.dealer_json import receive as dealer_json
from connectors.dealers.dealer_json import send as dealer_json_out
from connectors.dealers.dealer_json.settings import DealerJsonSettings
from connectors.dealers.dealer_soap import poll as dealer_soap_poll
from connectors.dealers.dealer_soap import receive as dealer_soap
from connectors.dealers.dealer_soap import send as dealer_soap_out
from connectors.dealers.dealer_soap.settings import DealerSoapPolling, DealerSoapSettings
from connectors.dealers.edifact import receive as edifact
from connectors.dealers.edifact import send as edifact_out
from connectors.dealers.edifact.settings import EdifactSettings
from connectors.dealers.table import receive as table
from connectors.dealers.table import send as table_out
from connectors.dealers.table.settings import TableSettings
from connectors.dealers.ubl import receive as ubl
from connectors.dealers.ubl import send as ubl_out
from connectors.dealers.ubl.settings import UblSettings
from connectors.dealers.x12 import receive as x12
from connectors.dealers.x12 import send as x12_out
from connectors.dealers.x12.settings import X12Settings
from connectors.ecommerce.amazon import poll as amazon_poll
from connectors.ecommerce.amazon import receive as amazon
from connectors.ecommerce.amazon import send as amazon_out
from connectors.ecommerce.amazon.settings import AmazonSettings
from connectors.ecommerce.jd import poll as jd_poll
from connectors.ecommerce.jd import receive as jd
from connectors.ecommerce.jd import send as jd_out
from connectors.ecommerce.jd.settings import JdSettings
from connectors.ecommerce.magento import poll as magento_poll
from connectors.ecommerce.magento import receive as magento
from connectors.ecommerce.magento import send as magento_out
from connectors.ecommerce.magento.settings import MagentoSettings
from connectors.ecommerce.pinduoduo import poll as pinduoduo_poll
from connectors.ecommerce.pinduoduo import receive as pinduoduo
from connectors.ecommerce.pinduoduo import send as pinduoduo_out
from connectors.ecommerce.pinduoduo.settings import PinduoduoSettings
from connectors.ecommerce.shopify import poll as shopify_poll
from connectors.ecommerce.shopify import receive as shopify
from connectors.ecommerce.shopify import send as shopify_out
from connectors.ecommerce.shopify.settings import ShopifySettings
from connectors.ecommerce.taobao import poll as taobao_poll
from connectors.ecommerce.taobao import receive as taobao
from connectors.ecommerce.taobao import send as taobao_out
from connectors.ecommerce.taobao.settings import TaobaoSettings
from connectors.ecommerce.woocommerce import poll as woocommerce_poll
from connectors.ecommerce.woocommerce import receive as woocommerce
from connectors.ecommerce.woocommerce import send as woocommerce_out
from connectors.ecommerce.woocommerce.settings import WooSettings
from connectors.ecommerce.youzan import poll as youzan_poll
from connectors.ecommerce.youzan import receive as youzan
from connectors.ecommerce.youzan import send as youzan_out
from connectors.ecommerce.youzan.settings import YouzanSettings
from connectors.events.canonical import receive as canonical
from connectors.events.canonical.settings import CanonicalSettings
from connectors.events.master_data import receive as master_data
from connectors.events.master_data.settings import MasterDataSettings
from connectors.events.webhook import send as webhook_out
from connectors.events.webhook.settings import WebhookSettings
from connectors.finance.alipay import receive as alipay
from connectors.finance.alipay.settings import AlipaySettings
from connectors.finance.camt import receive as camt
from connectors.finance.camt.settings import CamtSettings
from connectors.finance.ledger import receive as ledger
from connectors.finance.ledger import send as ledger_out
from connectors.finance.ledger.settings import LedgerSettings
from connectors.finance.paypal import receive as paypal
from connectors.finance.paypal.settings import PayPalSettings
from connectors.finance.stripe import receive as stripe
from connectors.finance.stripe.settings import StripeSettings
from connectors.finance.wechatpay import receive as wechatpay
from connectors.finance.wechatpay.settings import WechatPaySettings
from connectors.number_polling import NumberPolling
from connectors.rest_polling import RestSettings

CONNECTORS: dict[str, Connector] = {
    "shopify": Connector(
        "shopify", "ecommerce", documents_in=shopify.DOCUMENTS, documents_out=shopify_out.DOCUMENTS, settings=ShopifySettings,
        authenticate=shopify.authenticate, identify=shopify.identify, sign=shopify.sign, send=shopify_out.send,
        poll=shopify_poll.poll, poll_settings=shopify_poll.ShopifyPolling,
    ),
    "woocommerce": Connector(
        "woocommerce", "ecommerce", documents_in=woocommerce.DOCUMENTS, documents_out=woocommerce_out.DOCUMENTS,
        settings=WooSettings, authenticate=woocommerce.authenticate, kept=woocommerce.kept, identify=woocommerce.identify,
        answer=woocommerce.answer, sign=woocommerce.sign, send=woocommerce_out.send,
        poll=woocommerce_poll.poll, poll_settings=woocommerce_poll.WooPolling,
    ),
    "magento": Connector(
        "magento", "ecommerce", documents_in=magento.DOCUMENTS, documents_out=magento_out.DOCUMENTS, settings=MagentoSettings,
        authenticate=magento.authenticate, identify=magento.identify, sign=magento.sign, send=magento_out.send,
        poll=magento_poll.poll, poll_settings=magento_poll.MagentoPolling,
    ),
    "amazon": Connector(
        "amazon", "ecommerce", documents_in=amazon.DOCUMENTS, documents_out=amazon_out.DOCUMENTS, settings=AmazonSettings,
        authenticate=amazon.authenticate, identify=amazon.identify, opened=amazon.opened, sign=amazon.sign, send=amazon_out.send,
        poll=amazon_poll.poll, poll_settings=amazon_poll.AmazonPolling,
    ),
    "jd": Connector(
        "jd", "ecommerce", documents_in=jd.DOCUMENTS, documents_out=jd_out.DOCUMENTS,
        settings=JdSettings,
        authenticate=jd.DOOR.authenticate, identify=jd.DOOR.identify, sign=jd.DOOR.sign, send=jd_out.send,
        poll=jd_poll.poll, poll_settings=jd_poll.JdPolling,
    ),
    "pinduoduo": Connector(
        "pinduoduo", "ecommerce", documents_in=pinduoduo.DOCUMENTS, documents_out=pinduoduo_out.DOCUMENTS,
        settings=PinduoduoSettings,
        authenticate=pinduoduo.DOOR.authenticate, identify=pinduoduo.DOOR.identify, sign=pinduoduo.DOOR.sign,
        send=pinduoduo_out.send, poll=pinduoduo_poll.poll, poll_settings=pinduoduo_poll.PinduoduoPolling,
    ),
    "taobao": Connector(
        "taobao", "ecommerce", documents_in=taobao.DOCUMENTS, documents_out=taobao_out.DOCUMENTS,
        settings=TaobaoSettings,
        authenticate=taobao.authenticate, identify=taobao.identify, sign=taobao.sign, send=taobao_out.send,
        poll=taobao_poll.poll, poll_settings=taobao_poll.TaobaoPolling,
    ),
    "youzan": Connector(
        "youzan", "ecommerce", documents_in=youzan.DOCUMENTS, documents_out=youzan_out.DOCUMENTS,
        settings=YouzanSettings,
        authenticate=youzan.authenticate, identify=youzan.identify, sign=youzan.sign, send=youzan_out.send,
        poll=youzan_poll.poll, poll_settings=youzan_poll.YouzanPolling,
        answer=youzan.answer, opened=youzan.opened,
    ),
    "x12": Connector(
        "x12", "dealers", documents_in=x12.DOCUMENTS, documents_out=x12_out.DOCUMENTS, settings=X12Settings,
        authenticate=x12.authenticate, identify=x12.identify, sign=x12.sign, send=x12_out.send,
    ),
    "ubl": Connector(
        "ubl", "dealers", documents_in=ubl.DOCUMENTS, documents_out=ubl_out.DOCUMENTS, settings=UblSettings,
        authenticate=ubl.authenticate, identify=ubl.identify, sign=ubl.sign, send=ubl_out.send,
    ),
    "edifact": Connector(
        "edifact", "dealers", documents_in=edifact.DOCUMENTS, documents_out=edifact_out.DOCUMENTS, settings=EdifactSettings,
        authenticate=edifact.authenticate, identify=edifact.identify, sign=edifact.sign, send=edifact_out.send,
    ),
    "cxml": Connector(
        "cxml", "dealers", documents_in=cxml.DOCUMENTS, documents_out=cxml_out.DOCUMENTS, settings=CxmlSettings,
        authenticate=cxml.authenticate, identify=cxml.identify, sign=cxml.sign, answer=cxml.answer, turn_away=cxml.turn_away,
        kept=cxml.kept, send=cxml_out.send,
    ),
    "easypost": Connector(
        "easypost", "carriers", documents_in=easypost.DOCUMENTS, documents_out=easypost_out.DOCUMENTS, settings=EasyPostSettings,
        authenticate=easypost.authenticate, identify=easypost.identify, sign=easypost.sign, send=easypost_out.send,
        track=easypost_poll.track, poll_settings=NumberPolling,
    ),
    "fedex": Connector(
        "fedex", "carriers", documents_in=fedex.DOCUMENTS, settings=FedExSettings,
        authenticate=fedex.authenticate, identify=fedex.identify, sign=fedex.sign,
        track=fedex_poll.track, poll_settings=fedex_poll.FedExPolling,
    ),
    "ups": Connector(
        "ups", "carriers", documents_in=ups.DOCUMENTS, settings=UpsSettings,
        authenticate=ups.authenticate, identify=ups.identify, sign=ups.sign,
        track=ups_poll.track, poll_settings=ups_poll.UpsPolling,
    ),
    "dhl": Connector(
        "dhl", "carriers", documents_in=dhl.DOCUMENTS, settings=DhlSettings,
        authenticate=dhl.authenticate, identify=dhl.identify, sign=dhl.sign,
        track=dhl_poll.track, poll_settings=NumberPolling,
    ),
    "aftership": Connector(
        "aftership", "carriers", documents_in=aftership.DOCUMENTS, documents_out=aftership_out.DOCUMENTS,
        settings=AfterShipSettings, authenticate=aftership.authenticate, identify=aftership.identify, sign=aftership.sign,
        send=aftership_out.send, poll=aftership_poll.poll, poll_settings=RestSettings,
    ),
    "track17": Connector(
        "track17", "carriers", documents_in=track17.DOCUMENTS, documents_out=track17_out.DOCUMENTS, settings=Track17Settings,
        authenticate=track17.authenticate, identify=track17.identify, sign=track17.sign, send=track17_out.send,
        track=track17_poll.track, poll_settings=NumberPolling,
    ),
    "kuaidi100": Connector(
        "kuaidi100", "carriers", documents_in=kuaidi100.DOCUMENTS, documents_out=kuaidi100_out.DOCUMENTS,
        settings=Kuaidi100Settings, authenticate=kuaidi100.authenticate, identify=kuaidi100.identify, sign=kuaidi100.sign,
        answer=kuaidi100.answer, turn_away=kuaidi100.turn_away, send=kuaidi100_out.send,
        track=kuaidi100_poll.track, poll_settings=kuaidi100_poll.Kuaidi100Polling,
    ),
    "sf": Connector(
        "sf", "carriers", documents_in=sf.DOCUMENTS, settings=SfSettings,
        authenticate=sf.authenticate, identify=sf.identify, sign=sf.sign, answer=sf.answer, turn_away=sf.turn_away,
        track=sf_poll.track, poll_settings=sf_poll.SfPolling,
    ),
    "stripe": Connector(
        "stripe", "finance", documents_in=stripe.DOCUMENTS, settings=StripeSettings,
        authenticate=stripe.authenticate, identify=stripe.identify, sign=stripe.sign,
    ),
    "alipay": Connector(
        "alipay", "finance", documents_in=alipay.DOCUMENTS, settings=AlipaySettings,
        authenticate=alipay.authenticate, identify=alipay.identify, sign=alipay.sign,
        answer=alipay.answer, turn_away=alipay.turn_away,
    ),
    "wechatpay": Connector(
        "wechatpay", "finance", documents_in=wechatpay.DOCUMENTS, settings=WechatPaySettings,
        authenticate=wechatpay.authenticate, identify=wechatpay.identify, sign=wechatpay.sign,
        answer=wechatpay.answer, turn_away=wechatpay.turn_away, opened=wechatpay.opened,
    ),
    "paypal": Connector(
        "paypal", "finance", documents_in=paypal.DOCUMENTS, settings=PayPalSettings,
        authenticate=paypal.authenticate, identify=paypal.identify, sign=paypal.sign,
    ),
    "camt": Connector(
        "camt", "finance", documents_in=camt.DOCUMENTS, settings=CamtSettings,
        authenticate=camt.authenticate, identify=camt.identify, sign=camt.sign,
    ),
    "ledger": Connector(
        "ledger", "finance", documents_in=ledger.DOCUMENTS, documents_out=tuple(ledger_out.OPERATIONS), settings=LedgerSettings,
        authenticate=ledger.DOOR.authenticate, identify=ledger.DOOR.identify, sign=ledger.DOOR.sign,
        once=ledger.DOOR.once, kept=ledger.DOOR.kept, describe=ledger.DOOR.describe,
        answer=ledger.DOOR.answer, turn_away=ledger.DOOR.turn_away, send=ledger_out.send,
    ),
    "webhook": Connector(
        "webhook", "events", documents_out=webhook_out.DOCUMENTS, settings=WebhookSettings, send=webhook_out.send,
    ),
    "canonical": Connector(
        "canonical", "events", documents_in=canonical.DOCUMENTS, settings=CanonicalSettings,
        authenticate=canonical.authenticate, identify=canonical.identify, sign=canonical.sign,
    ),
    "master_data": Connector(
        "master_data", "events", documents_in=master_data.DOCUMENTS, settings=MasterDataSettings,
        authenticate=master_data.authenticate, identify=master_data.identify, sign=master_data.sign,
    ),
    "table": Connector(
        "table", "dealers", documents_in=table.DOCUMENTS, documents_out=table_out.DOCUMENTS, settings=TableSettings,
        authenticate=table.authenticate, identify=table.identify, sign=table.sign, send=table_out.send,
    ),
    "dealer_json": Connector(
        "dealer_json", "dealers", documents_in=dealer_json.DOCUMENTS, documents_out=dealer_json_out.DOCUMENTS,
        settings=DealerJsonSettings, authenticate=dealer_json.authenticate, identify=dealer_json.identify, sign=dealer_json.sign,
        describe=dealer_json.describe, send=dealer_json_out.send,
    ),
    "dealer_soap": Connector(
        "dealer_soap", "dealers", documents_in=dealer_soap.DOCUMENTS, documents_out=dealer_soap_out.DOCUMENTS,
        settings=DealerSoapSettings, authenticate=dealer_soap.DOOR.authenticate, identify=dealer_soap.identify,
        sign=dealer_soap.DOOR.sign, once=dealer_soap.DOOR.once, kept=dealer_soap.kept, describe=dealer_soap.DOOR.describe,
        answer=dealer_soap.DOOR.answer, turn_away=dealer_soap.DOOR.turn_away, send=dealer_soap_out.send,
        opened=dealer_soap.opened, poll=dealer_soap_poll.poll, poll_settings=DealerSoapPolling,
    ),
}  # fmt: skip
