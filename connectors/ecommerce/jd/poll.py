"""Asks JD for orders that changed: jingdong.pop.order.search by time of change, a week at a time."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.jd.settings import Key
from connectors.platform_answers import app_secrets, at, error_response
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import polling_of
from connectors.signed_params import FORM, signature_of
from connectors.window_polling import Page, Platform, china_time, pages_of, rows, texts, windowed

METHOD = "jingdong.pop.order.search"
BY_CHANGE = "0"
STATES = "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED"
FIELDS = (
    "orderId,venderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,sellerDiscount,balanceUsed,"
    "orderState,orderStateRemark,deliveryType,invoiceInfo,invoiceEasyInfo,invoiceCode,vatInfo,orderRemark,orderStartTime,"
    "orderEndTime,paymentConfirmTime,modified,consigneeInfo,itemInfoList,couponDetailList,venderRemark,pin,open_id_buyer,xid_buyer,"
    "parentOrderId,orderSource,storeOrder,storeId,orderExt,sendpayMap,idSopShipmenttype,logisticsId,waybill"
)


class JdPolling(RestSettings):
    """app_key: of the application. states: the states of orders that are asked for. fields: what JD is asked for of each."""

    app_key: Key
    states: str = STATES
    fields: str = FIELDS
    page_size: Annotated[int, Field(ge=1, le=100)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, JdPolling)
    secret, token = app_secrets(endpoint.polling.secrets if endpoint.polling else (), endpoint)

    def question(start: datetime, end: datetime, page: int) -> Question:
        fields = {
            "start_date": china_time(start), "end_date": china_time(end), "order_state": settings.states, "dateType": BY_CHANGE,
            "sortType": "1", "optional_fields": settings.fields, "page": str(page), "page_size": str(settings.page_size),
        }  # fmt: skip
        params = {
            "method": METHOD, "app_key": settings.app_key, "access_token": token, "v": "2.0",
            "timestamp": china_time(datetime.now(UTC)), "360buy_param_json": json.dumps(fields, ensure_ascii=False),
        }  # fmt: skip
        params["sign"] = signature_of(params, secret)
        return Question(settings.url, FORM, urlencode(params).encode())

    def page_of(answer: Mapping[str, Any]) -> Page:
        result = _result(answer)
        pages = pages_of(at(result, "orderTotal"), settings.page_size)
        return Page(texts(at(order, "modified") for order in rows(at(result, "orderInfoList"))), pages)

    return poll_list(endpoint, settings, windowed(Platform(timedelta(days=7), question, error_of, page_of)), watermark)


def error_of(answer: Mapping[str, Any]) -> str | None:
    told = error_response(answer, "zh_desc", "en_desc", "code")
    if told is not None:
        return told
    verdict = at(_result(answer), "apiResult")
    if at(verdict, "success") is True:
        return None
    return str(at(verdict, "chineseErrCode") or at(verdict, "englishErrCode") or "no list of orders")


def _result(answer: Mapping[str, Any]) -> Any:
    """JD writes "responce"."""
    whole = at(answer, "jingdong_pop_order_search_responce") or at(answer, "jingdong_pop_order_search_response")
    return at(whole, "searchorderinfo_result")
