"""In which order the UBL 2.1 schema wants the children of the elements that the hub writes."""

from collections.abc import Mapping

HEAD = ("UBLVersionID", "CustomizationID", "ProfileID", "ID", "IssueDate", "IssueTime")
BILL = (
    "BuyerReference", "OrderReference", "BillingReference", "DespatchDocumentReference", "AccountingSupplierParty",
    "AccountingCustomerParty", "PaymentTerms", "AllowanceCharge", "TaxTotal", "LegalMonetaryTotal",
)  # fmt: skip
TAX = ("ID", "Percent", "TaxScheme")

ORDER: Mapping[str, tuple[str, ...]] = {
    "OrderResponse": (*HEAD, "OrderResponseCode", "Note", "DocumentCurrencyCode", "OrderReference", "SellerSupplierParty",
                      "BuyerCustomerParty", "OrderLine"),
    "DespatchAdvice": (*HEAD, "OrderReference", "DespatchSupplierParty", "DeliveryCustomerParty", "Shipment", "DespatchLine"),
    "Invoice": (*HEAD, "DueDate", "InvoiceTypeCode", "DocumentCurrencyCode", *BILL, "InvoiceLine"),
    "CreditNote": (*HEAD, "CreditNoteTypeCode", "DocumentCurrencyCode", *BILL, "CreditNoteLine"),
    "Party": ("EndpointID", "PartyIdentification", "PartyName", "PostalAddress", "PartyTaxScheme", "PartyLegalEntity", "Contact"),
    "PartyLegalEntity": ("RegistrationName", "CompanyID"),
    "PartyTaxScheme": ("CompanyID", "TaxScheme"),
    "PostalAddress": ("StreetName", "AdditionalStreetName", "CityName", "PostalZone", "CountrySubentity", "AddressLine", "Country"),
    "Contact": ("Name", "Telephone", "ElectronicMail"),
    "OrderLine": ("Note", "LineItem", "SellerSubstitutedLineItem", "OrderLineReference"),
    "LineItem": ("ID", "LineStatusCode", "Quantity", "MaximumBackorderQuantity", "Delivery", "Price", "Item"),
    "SellerSubstitutedLineItem": ("ID", "Item"),
    "OrderLineReference": ("LineID", "OrderReference"),
    "DespatchLine": ("ID", "DeliveredQuantity", "OutstandingQuantity", "OrderLineReference", "Item", "Shipment"),
    "InvoiceLine": ("ID", "InvoicedQuantity", "LineExtensionAmount", "OrderLineReference", "AllowanceCharge", "Item", "Price"),
    "CreditNoteLine": ("ID", "CreditedQuantity", "LineExtensionAmount", "OrderLineReference", "AllowanceCharge", "Item", "Price"),
    "Item": ("Name", "BuyersItemIdentification", "SellersItemIdentification", "ManufacturersItemIdentification",
             "StandardItemIdentification", "AdditionalItemIdentification", "ClassifiedTaxCategory", "ItemInstance"),
    "ItemInstance": ("ManufactureDate", "SerialID", "LotIdentification"),
    "LotIdentification": ("LotNumberID", "ExpiryDate"),
    "Price": ("PriceAmount", "BaseQuantity"),
    "AllowanceCharge": ("ChargeIndicator", "AllowanceChargeReason", "MultiplierFactorNumeric", "Amount", "BaseAmount",
                        "TaxCategory"),
    "TaxTotal": ("TaxAmount", "TaxSubtotal"),
    "TaxSubtotal": ("TaxableAmount", "TaxAmount", "TaxCategory"),
    "TaxCategory": TAX,
    "ClassifiedTaxCategory": TAX,
    "LegalMonetaryTotal": ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "AllowanceTotalAmount",
                           "ChargeTotalAmount", "PrepaidAmount", "PayableAmount"),
    "Shipment": ("ID", "Consignment", "Delivery", "TransportHandlingUnit"),
    "Consignment": ("ID", "CarrierAssignedID", "CarrierParty"),
    "Delivery": ("TrackingID", "PromisedDeliveryPeriod", "EstimatedDeliveryPeriod", "Despatch", "DeliveryTerms"),
    "Despatch": ("ActualDespatchDate", "ActualDespatchTime", "DespatchAddress"),
    "EstimatedDeliveryPeriod": ("EndDate", "EndTime"),
    "TransportHandlingUnit": ("ID", "TransportHandlingUnitTypeCode", "TraceID", "MeasurementDimension", "Package"),
    "MeasurementDimension": ("AttributeID", "Measure"),
    "Package": ("ID", "PackagingTypeCode", "TraceID", "MeasurementDimension"),
}  # fmt: skip
"""Element name to the names of its children."""
