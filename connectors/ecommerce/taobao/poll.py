"""Asks Taobao for trades that changed: taobao.trades.sold.increment.get, a day at a time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.taobao.send import error_told
from connectors.ecommerce.taobao.settings import AppKey
from connectors.platform_answers import app_secrets, at
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import polling_of
from connectors.signed_params import FORM, Method, signature_of
from connectors.window_polling import Page, Platform, china_time, pages_of, rows, texts, windowed

METHOD = "taobao.trades.sold.increment.get"
ANSWER = "trades_sold_increment_get_response"
FIELDS = (
    "tid,status,type,created,modified,pay_time,consign_time,end_time,buyer_nick,buyer_open_uid,buyer_message,seller_nick,title,"
    "receiver_name,receiver_state,receiver_city,receiver_district,receiver_town,receiver_address,receiver_zip,receiver_mobile,"
    "receiver_phone,receiver_country,payment,post_fee,total_fee,discount_fee,adjust_fee,received_payment,alipay_no,cod_fee,"
    "seller_memo,seller_flag,invoice_name,invoice_type,invoice_kind,promotion_details,service_tags,shipping_type,orders"
)


class TaobaoPolling(RestSettings):
    """app_key, sign_method: as for sending. fields: what Taobao is asked for of each trade."""

    app_key: AppKey
    sign_method: Method = "md5"
    fields: str = FIELDS
    page_size: Annotated[int, Field(ge=1, le=100)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, TaobaoPolling)
    secret, session = app_secrets(endpoint.polling.secrets if endpoint.polling else (), endpoint)

    def question(start: datetime, end: datetime, page: int) -> Question:
        params = {
            "method": METHOD, "app_key": settings.app_key, "session": session, "format": "json", "v": "2.0",
            "sign_method": settings.sign_method, "timestamp": china_time(datetime.now(UTC)), "fields": settings.fields,
            "start_modified": china_time(start), "end_modified": china_time(end), "page_no": str(page),
            "page_size": str(settings.page_size),
        }  # fmt: skip
        params["sign"] = signature_of(params, secret, settings.sign_method)
        return Question(settings.url, FORM, urlencode(params).encode())

    def page_of(answer: Mapping[str, Any]) -> Page:
        trades = rows(at(answer, ANSWER, "trades", "trade"))
        pages = pages_of(at(answer, ANSWER, "total_results"), settings.page_size)
        return Page(texts(at(trade, "modified") for trade in trades), pages)

    return poll_list(endpoint, settings, windowed(Platform(timedelta(days=1), question, error_told, page_of)), watermark)
