"""Money: which currencies there are, and which amounts of them (ISO 4217; GovStack Payments 5.1.10)."""

from collections.abc import Mapping
from decimal import Decimal

__all__ = ["MINOR_UNITS", "money_trouble"]

_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV
MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

MINOR_UNITS: Mapping[str, int] = {
    code: decimals
    for decimals, codes in enumerate((_NO_DECIMALS, "", _TWO_DECIMALS, _THREE_DECIMALS, _FOUR_DECIMALS))
    for code in codes.split()
}
"""Decimals of each active currency."""

_MOST = Decimal(10) ** 15
"""No instruction pays as much or more; an amount with more digits is a slip."""

_FINEST = -20
"""Powers of ten below which no currency has a unit, and rounding would need more digits than there are."""


def money_trouble(amount: Decimal | int | None, currency: str | None) -> str | None:
    """Say what is wrong with an amount of money; None if nothing is."""
    if currency is None or amount is None:
        return f"{'currency' if currency is None else 'amount'} is missing"
    if currency not in MINOR_UNITS:
        return "currency is no ISO 4217 code"
    money = Decimal(amount)
    if money <= 0:
        return "amount is not above 0"
    if money >= _MOST:
        return "amount is too large"
    if money.adjusted() < _FINEST or money != round(money, MINOR_UNITS[currency]):
        return f"amount has more decimals than {currency} has"
    return None
