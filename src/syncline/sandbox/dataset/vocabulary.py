"""The words the sandbox world is made of: stages, statuses, industries, titles and name parts."""

from __future__ import annotations

__all__ = [
    "ACCOUNT_STAGES",
    "BRANCHES",
    "CONTACT_STAGES",
    "DEAL_STAGES",
    "DEAL_SUBJECTS",
    "DEPARTMENTS",
    "EMAIL_STATUSES",
    "INDUSTRIES",
    "LEAD_SOURCES",
    "LEGAL_SUFFIXES",
    "PLACEHOLDER_EMAIL",
    "RANKS",
    "STATUS_OF_STAGE",
]

PLACEHOLDER_EMAIL = "email_not_unlocked@domain.com"  # what Apollo shows instead of an address nobody paid for

# Stage and weight: most accounts of a sales team are cold.
ACCOUNT_STAGES: dict[str, int] = {
    "Cold": 55,
    "Current Client": 15,
    "Active Opportunity": 15,
    "Dead Opportunity": 10,
    "Do Not Prospect": 5,
}
DEAL_STAGES: dict[str, int] = {
    "Prospecting": 20,
    "Qualification": 20,
    "Needs Analysis": 10,
    "Proposal/Price Quote": 15,
    "Negotiation/Review": 10,
    "Closed Won": 15,
    "Closed Lost": 10,
}
DEAL_SUBJECTS = (
    "Annual subscription",
    "Pilot project",
    "Renewal",
    "Additional seats",
    "Onboarding package",
    "Enterprise licence",
    "Support contract",
)
CONTACT_STAGES: dict[str, int] = {
    "Cold": 45,
    "Approaching": 20,
    "Replied": 8,
    "Interested": 8,
    "Not Interested": 6,
    "Unresponsive": 6,
    "Do Not Contact": 3,
    "Bad Data": 2,
    "Changed Job": 2,
}
# Each Apollo contact stage as a status of the standard Salesforce Lead.
# "Closed - Converted" is missing on purpose: only conversion sets it.
STATUS_OF_STAGE: dict[str, str] = {
    "Cold": "Open - Not Contacted",
    "Approaching": "Working - Contacted",
    "Replied": "Working - Contacted",
    "Interested": "Working - Contacted",
    "Not Interested": "Closed - Not Converted",
    "Unresponsive": "Working - Contacted",
    "Do Not Contact": "Closed - Not Converted",
    "Bad Data": "Closed - Not Converted",
    "Changed Job": "Closed - Not Converted",
}
LEAD_SOURCES: dict[str, int] = {
    "Web": 40,
    "Phone Inquiry": 20,
    "Partner Referral": 15,
    "Purchased List": 15,
    "Other": 10,
}
EMAIL_STATUSES: dict[str, int] = {"verified": 75, "unverified": 12, "likely to engage": 8, "unavailable": 5}

# The standard Industry picklist of a Salesforce org.
INDUSTRIES: tuple[str, ...] = (
    "Agriculture",
    "Apparel",
    "Banking",
    "Biotechnology",
    "Chemicals",
    "Communications",
    "Construction",
    "Consulting",
    "Education",
    "Electronics",
    "Energy",
    "Engineering",
    "Entertainment",
    "Environmental",
    "Finance",
    "Food & Beverage",
    "Government",
    "Healthcare",
    "Hospitality",
    "Insurance",
    "Machinery",
    "Manufacturing",
    "Media",
    "Not For Profit",
    "Recreation",
    "Retail",
    "Shipping",
    "Technology",
    "Telecommunications",
    "Transportation",
    "Utilities",
    "Other",
)

# Second word of a company's name, after a surname.
BRANCHES: tuple[str, ...] = (
    "Analytics", "Apparel", "Aviation", "Bakeries", "Biotech", "Capital", "Ceramics", "Chemicals",
    "Clinics", "Consulting", "Dairy", "Design", "Dynamics", "Electronics", "Energy", "Engineering",
    "Farms", "Foods", "Foundry", "Freight", "Furniture", "Glass", "Hotels", "Instruments",
    "Insurance", "Interiors", "Labs", "Logistics", "Marine", "Media", "Metals", "Mills",
    "Motors", "Networks", "Optics", "Packaging", "Paper", "Partners", "Pharma", "Plastics",
    "Press", "Printing", "Railways", "Recruiting", "Robotics", "Security", "Semiconductors", "Shipping",
    "Software", "Solar", "Steel", "Studios", "Systems", "Telecom", "Textiles", "Tools",
    "Toys", "Travel", "Water", "Wines",
)  # fmt: skip
LEGAL_SUFFIXES: dict[str, tuple[str, ...]] = {
    "United States": ("Inc.", "LLC", "Corp.", "Co."),
    "United Kingdom": ("Ltd", "PLC"),
    "Germany": ("GmbH", "AG"),
    "France": ("SARL", "SA"),
    "Australia": ("Pty Ltd",),
}

RANKS: tuple[str, ...] = (
    "Head of",
    "Director of",
    "VP",
    "Manager,",
    "Senior Manager,",
    "Specialist,",
    "Chief of",
)
DEPARTMENTS: tuple[str, ...] = (
    "Sales",
    "Marketing",
    "Finance",
    "Operations",
    "Procurement",
    "Engineering",
    "People",
    "Legal",
    "Customer Success",
    "Product",
    "Information Technology",
    "Logistics",
)
