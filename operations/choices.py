"""What people choose from when they decide: words only, so that the command line can name them before anything is loaded."""

from typing import Literal

CaseState = Literal["open", "explained", "closed"]
GoodsStatus = Literal["released", "quarantine", "blocked", "expired"]
InvoiceVerdict = Literal["void", "credit", "write_off", "approve", "reject", "dispute", "settle"]
PaymentVerdict = Literal["allocate", "release", "link"]
InvoiceState = Literal["draft", "issued", "part_paid", "paid", "credited", "written_off", "void"]
PaymentState = Literal["suspense", "deposit", "part_allocated", "allocated", "returned"]
