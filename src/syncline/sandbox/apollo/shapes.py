"""Records with every published key: blank contacts, accounts and deals, full users, and the words for their sources."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo.workspace import shown
from syncline.sandbox.state import Document

SOURCE_NAMES = {
    "api": "Created from API",
    "csv_import": "Uploaded from CSV",
    "search": "Requested from Apollo",
    "salesforce": "Imported from Salesforce",
    "salesforce_lead": "Imported from Salesforce",
    "crm": "Imported from CRM",
    "chrome_extension_linkedin": "Added from LinkedIn",
    "job_change": "Job Change",
    "ui_form": "Requested from Apollo",
    "email_import": "Requested from Apollo",
}


def words(text: str) -> list[str]:
    """The words of a text, for lists of keys that would fill pages otherwise."""
    return text.split()


CONTACT_NULLS = words(
    "first_name last_name name linkedin_url title contact_stage_id person_id email_needs_tickling organization_name "
    "organization_id headline photo_url present_raw_address linkedin_uid extrapolated_email_confidence salesforce_id "
    "salesforce_lead_id salesforce_contact_id salesforce_account_id crm_owner_id direct_dial_status "
    "direct_dial_enrichment_failed_at email_status email_source account_id last_activity_date hubspot_vid "
    "hubspot_company_id crm_id sanitized_phone merged_crm_ids suggested_from_rule_engine_config_id "
    "email_unsubscribed email crm_record_url email_status_unavailable_reason email_true_status twitter_url "
    "account_phone_note"
)
CONTACT_LISTS = words(
    "contact_roles emailer_campaign_ids label_ids contact_rule_config_statuses contact_campaign_statuses "
    "contact_emails phone_numbers"
)
CONTACT_NOES = words(
    "has_pending_email_arcgate_request has_email_arcgate_request show_intent free_domain is_likely_to_engage "
    "email_domain_catchall"
)


def blank_contact(id_: str, owner_id: str, source: str, stamp: str) -> Document:
    """A contact with every published key and nothing in it."""
    doc: Document = {"id": id_}
    doc.update(dict.fromkeys(CONTACT_NULLS))
    doc.update({name: [] for name in CONTACT_LISTS})
    doc.update(dict.fromkeys(CONTACT_NOES, False))
    return doc | {
        "owner_id": owner_id,
        "creator_id": owner_id,
        "source": source,
        "original_source": source,
        "source_display_name": SOURCE_NAMES.get(source, "Created from API"),
        "existence_level": "full",
        "queued_for_crm_push": True,
        "email_from_customer": True,
        "updated_email_true_status": True,
        "typed_custom_fields": {},
        "custom_field_errors": {},
        "created_at": stamp,
        "updated_at": stamp,
    }


ACCOUNT_NULLS = words(
    "domain name organization_id account_stage_id phone hubspot_id salesforce_id crm_owner_id parent_account_id "
    "linkedin_url twitter_url facebook_url sanitized_phone crm_record_url salesforce_record_url "
    "suggested_from_rule_engine_config_id creator_id"
)


def blank_account(id_: str, team_id: str, owner_id: str, source: str, stamp: str) -> Document:
    """An account with every published key and nothing in it; its time of change is never shown."""
    return dict.fromkeys(ACCOUNT_NULLS) | {
        "id": id_,
        "team_id": team_id,
        "source": source,
        "original_source": source,
        "source_display_name": SOURCE_NAMES.get(source, "Created from API"),
        "owner_id": owner_id,
        "created_at": stamp,
        "phone_status": "no_status",
        "account_playbook_statuses": [],
        "account_rule_config_statuses": [],
        "existence_level": "full",
        "label_ids": [],
        "typed_custom_fields": {},
        "custom_field_errors": {},
        "modality": "account",
        "_merged_crm_ids": [],
        "_updated_at": stamp,
    }


OPPORTUNITY_NULLS = words(
    "owner_id salesforce_owner_id amount closed_date account_id description is_closed is_won name stage_name "
    "opportunity_stage_id salesforce_id actual_close_date next_step next_step_date closed_lost_reason "
    "closed_won_reason forecast_category deal_probability current_solutions deal_source "
    "manually_updated_probability manually_updated_forecast crm_id crm_record_url crm_owner_id probability "
    "opportunity_pipeline_id stage_updated_at next_step_last_updated_at amount_in_team_currency forecasted_revenue"
)


def blank_opportunity(id_: str, team_id: str, creator_id: str, source: str, stamp: str) -> Document:
    """A deal with every published key and nothing in it; its time of change is never shown."""
    return dict.fromkeys(OPPORTUNITY_NULLS) | {
        "id": id_,
        "team_id": team_id,
        "source": source,
        "created_at": stamp,
        "created_by_id": creator_id,
        "exchange_rate_code": "USD",
        "exchange_rate_value": 1,
        "last_activity_date": stamp,
        "existence_level": "full",
        "typed_custom_fields": {},
        "custom_field_errors": {},
        "opportunity_rule_config_statuses": [],
        "opportunity_contact_roles": [],
        "currency": {"name": "US Dollar", "iso_code": "USD", "symbol": "$"},
        "_updated_at": stamp,
    }


USER_NULLS = words(
    "credit_limit direct_dial_credit_limit export_credit_limit ai_credit_limit salesforce_account salesforce_id "
    "default_cockpit_layout default_account_overview_layout_id default_contact_overview_layout_id "
    "default_person_overview_layout_id default_organization_overview_layout_id "
    "default_opportunity_overview_layout_id default_home_overview_layout_id bridge_phone_number "
    "bridge_incoming_phone_number salesforce_instance_url disable_email_linking sync_salesforce_id sync_crm_id "
    "zp_contact_id zp_is_super_analytics_user notification_last_created_at crm_requested_to_integrate "
    "notification_last_read_at request_email_change_to self_identified_persona conversation_is_private "
    "typed_custom_fields crm_email enable_one_click_unsubscribe linked_crm_name enable_gmail_desktop_notifications"
)
USER_NOES = words(
    "password_needs_reset bridge_calls bridge_incoming_calls default_use_local_numbers "
    "chrome_extension_downloaded email_oauth_signin_only has_invited_user has_used_enrichment has_uploaded_csv "
    "has_hidden_onboarding daily_data_request_email connected_to_slack enable_click_tracking "
    "should_include_unsubscribe_link linked_zoom_conference_account linked_bot_conference_account "
    "has_conference_account linked_salesforce linked_hubspot linked_salesloft enable_desktop_notifications "
    "default_chrome_extension_enable_reminders"
)
USER_YESES = words(
    "current_email_verified record_calls data_request_emails daily_task_email free_data_credits_email "
    "dismiss_new_team_suggestion territory_is_active show_deals_detail_page_updates_modal fields_fully_loaded "
    "enable_open_tracking default_chrome_extension_log_email_send_to_salesforce "
    "default_chrome_extension_log_email_send_to_hubspot chrome_extension_auto_match_salesforce_opportunity "
    "chrome_extension_gmail_enable_email_tools chrome_extension_gmail_enable_crm_sidebar "
    "show_chrome_extension_buying_intent_promo"
)
USER_LISTS = words(
    "triggered_referral_campaigns subteam_ids prospect_territory_ids toggled_on_territory_ids "
    "linked_bot_conference_account_platforms chrome_extension_enabled_features "
    "chrome_extension_exclude_from_websites"
)


def full_user(user: Mapping[str, Any]) -> Document:
    """A user with every published key; settings of the product that the stand-in lacks keep their defaults."""
    full: Document = dict.fromkeys(USER_NULLS)
    full.update(dict.fromkeys(USER_NOES, False))
    full.update(dict.fromkeys(USER_YESES, True))
    full.update({name: [] for name in USER_LISTS})
    return full | {
        "opt_out_html_template": "<%Unsubscribe%>",
        "referral_code": str(user["id"])[-12:],
        "permission_set_id": user["team_id"],
        "assistant_setting": _assistant(user),
        "chrome_extension_everywhere_icon_horizontal_position": "right",
        "chrome_extension_everywhere_icon_vertical_position_in_vh": 10,
        "apollo_everywhere_search_count": 0,
        **shown(user),
    }


_ASSISTANT_LISTS = words(
    "inactive_account_stage_ids inactive_contact_stage_ids job_posting_locations job_posting_titles persona_ids "
    "success_case_account_stage_ids technology_uids territory_company_size_ranges territory_locations "
    "territory_person_locations"
)


def _assistant(user: Mapping[str, Any]) -> Document:
    """The settings of the product's assistant, which the stand-in has none of."""
    id_ = str(user["id"])
    setting: Document = {name: [] for name in _ASSISTANT_LISTS}
    return setting | {
        "_id": id_,
        "id": id_,
        "key": id_,
        "team_id": user["team_id"],
        "user_id": id_,
        "deal_size_metric": "amount",
        "insight_deal_size_signals": {},
        "insight_sale_cycle_signals": {},
        "insight_win_rate_signals": {},
        "is_persona_recommendation_requested": False,
        "latest_funding_days": 90,
        "max_num_active_accounts": 100,
        "max_people_in_sequence_per_account": 5,
        "num_inactive_days_to_re_engage": 180,
        "should_show_persona_banner": False,
        "territory_location_override": False,
    }
