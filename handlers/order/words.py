"""What people read of an order's state, English and Chinese."""

DISPLAY = {
    "entered": ("Entered", "已录入"),
    "approval": ("Waits for approval", "待审批"),
    "confirmed": ("Confirmed", "已审核"),
    "rejected": ("Rejected", "已拒绝"),
    "on_hold": ("On hold", "待处理"),
    "cancelled": ("Cancelled", "已取消"),
    "closed": ("Paid, closed", "已回款，已结案"),
    "kept": ("Closed", "已结案"),
    "reopened": ("Reopened", "已重开"),
    "part_shipped": ("Partly shipped", "部分发货"),
    "shipped": ("Shipped", "已发货"),
    "part_delivered": ("Partly delivered", "部分送达"),
    "delivered": ("Delivered", "已送达"),
    "part_returned": ("Partly returned", "部分退回"),
    "returned": ("Returned", "已退回"),
}


def display(state: str, fulfilment: str, billing: str) -> tuple[str, str]:
    """(English, Chinese) words for an order: how far its goods are once they leave, else its decision state. One that is not billed
    is never paid."""
    if state == "closed" and billing == "none":
        return DISPLAY["kept"]
    return DISPLAY[fulfilment if state == "confirmed" and fulfilment in DISPLAY else state]
