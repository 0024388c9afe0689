"""Orders of Pinduoduo as its API answers them; its messages travel over a socket of its client library."""

from connectors.answers_receiving import AnswersDoor
from connectors.ecommerce.pinduoduo.settings import PinduoduoSettings

DOCUMENTS = ("order",)
ANSWERS = ("order_info_get_response", "order_list_get_response", "order_sn_increment_get_response")
DOOR = AnswersDoor(PinduoduoSettings, "order", ANSWERS, ANSWERS)
