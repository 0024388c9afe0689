"""Regions: the provinces of China by GB/T 2260 code, ISO 3166-2 letters and name; elsewhere country and subdivision."""

import re
from typing import Protocol

from canonical.values import Address

PROVINCES: tuple[tuple[str, str, str, str], ...] = (
    ("11", "BJ", "北京", "BEIJING"), ("12", "TJ", "天津", "TIANJIN"), ("13", "HE", "河北", "HEBEI"),
    ("14", "SX", "山西", "SHANXI"), ("15", "NM", "内蒙古", "INNER MONGOLIA"), ("21", "LN", "辽宁", "LIAONING"),
    ("22", "JL", "吉林", "JILIN"), ("23", "HL", "黑龙江", "HEILONGJIANG"), ("31", "SH", "上海", "SHANGHAI"),
    ("32", "JS", "江苏", "JIANGSU"), ("33", "ZJ", "浙江", "ZHEJIANG"), ("34", "AH", "安徽", "ANHUI"),
    ("35", "FJ", "福建", "FUJIAN"), ("36", "JX", "江西", "JIANGXI"), ("37", "SD", "山东", "SHANDONG"),
    ("41", "HA", "河南", "HENAN"), ("42", "HB", "湖北", "HUBEI"), ("43", "HN", "湖南", "HUNAN"),
    ("44", "GD", "广东", "GUANGDONG"), ("45", "GX", "广西", "GUANGXI"), ("46", "HI", "海南", "HAINAN"),
    ("50", "CQ", "重庆", "CHONGQING"), ("51", "SC", "四川", "SICHUAN"), ("52", "GZ", "贵州", "GUIZHOU"),
    ("53", "YN", "云南", "YUNNAN"), ("54", "XZ", "西藏", "TIBET"), ("61", "SN", "陕西", "SHAANXI"),
    ("62", "GS", "甘肃", "GANSU"), ("63", "QH", "青海", "QINGHAI"), ("64", "NX", "宁夏", "NINGXIA"),
    ("65", "XJ", "新疆", "XINJIANG"), ("71", "TW", "台湾", "TAIWAN"), ("81", "HK", "香港", "HONG KONG"),
    ("82", "MO", "澳门", "MACAO"),
)  # fmt: skip
COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
ALPHA_2 = re.compile(r"[A-Z]{2}")
SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")
CHINA = ("CN", "HK", "MO", "TW")
"""Country codes of what ISO 3166-2 counts as provinces of China too."""
CODES = {name: code for code, *names in PROVINCES for name in (code, *names)}
CHINESE = {chinese: code for code, _, chinese, _ in PROVINCES}


class Located(Protocol):
    """Whatever says where it is: a party or a customer."""

    @property
    def region(self) -> str | None: ...
    @property
    def address(self) -> Address | None: ...


def region_of(place: Located) -> str | None:
    """The GB/T 2260 code a place states, else the province of its address; outside China `US-TX`, or the country alone."""
    if place.region:
        return place.region
    address = place.address
    if address is None:
        return None
    if address.country in (None, "CN"):
        found = province_of(address)
        if found is not None or address.country is None:
            return found
    part = address.subdivision.upper().removeprefix(f"{address.country}-") if address.subdivision else ""
    return f"{address.country}-{part}" if part else address.country


def province_of(address: Address) -> str | None:
    """The two digits of the province that an address of China names, in whatever field it does."""
    if address.subdivision:
        named = address.subdivision.upper().removeprefix("CN-")
        code = CODES.get(named) or CODES.get(named[:2] if named.isdigit() else "") or _begins(address.subdivision)
        if code is not None:
            return code
    return next((code for text in (address.city, *address.lines) if text and (code := _begins(text))), None)


def is_region(text: str) -> bool:
    """Whether a text is a region as we write it: GB/T 2260 digits of a province that is there, or country and subdivision."""
    if text.isdigit():
        return len(text) in (2, 4, 6) and text[:2] in CODES
    return COUNTRY.fullmatch(text) is not None


def block_of(region: str | None) -> str:
    """What places have to share to be in one region: the province, or country and subdivision; empty where nothing is known."""
    if region is None:
        return ""
    return region[:2] if region[:2].isdigit() else region


def apart(one: str, other: str) -> bool:
    """Whether two regions are certainly not the same: of other countries, or of other provinces or subdivisions by ISO 3166-2. A
    name in place of a code, or a code of another length (it is of another list), says nothing."""
    (country, part), (elsewhere, there) = _coded(one), _coded(other)
    if country != elsewhere:
        return bool(country and elsewhere)
    return len(part) == len(there) and part != there


def _coded(region: str) -> tuple[str, str]:
    """(country, code of the province or subdivision), empty as far as there is none."""
    if region.isdigit():
        return ("CN", region[:2]) if region[:2] in CODES else ("", "")
    country, _, part = region.partition("-")
    if country in CHINA:
        return "CN", CODES.get(part or country, "")
    return country if ALPHA_2.fullmatch(country) else "", part if SUBDIVISION.fullmatch(part) else ""


def _begins(text: str) -> str | None:
    """The province a Chinese text begins with."""
    return CHINESE.get(text[:2]) or CHINESE.get(text[:3])
