"""The formats a mapping may name as its codec."""

from collections.abc import Mapping

from mappings.codecs.base import Codec
from mappings.codecs.camt import Camt
from mappings.codecs.cxml import Cxml
from mappings.codecs.edifact import Edifact
from mappings.codecs.form import Form
from mappings.codecs.json import Json
from mappings.codecs.kuaidi100 import Kuaidi100
from mappings.codecs.records import Records
from mappings.codecs.rows import Rows
from mappings.codecs.sf import Sf
from mappings.codecs.ubl import Ubl
from mappings.codecs.x12 import X12
from mappings.codecs.xml import Xml

CODECS: Mapping[str, Codec] = {
    "json": Json(), "xml": Xml(), "x12": X12(), "edifact": Edifact(), "camt": Camt(), "ubl": Ubl(), "cxml": Cxml(),
    "rows": Rows(), "records": Records(), "form": Form(), "kuaidi100": Kuaidi100(), "sf": Sf(),
}  # fmt: skip
