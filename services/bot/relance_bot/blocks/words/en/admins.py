"""English: what admins do besides plans."""

WORDS: dict[str, str | tuple[str, str]] = {
    "usage.assign": (
        "`/relance plan assign PLAN to CUSTOMER` – or `to profile NAME [without email]`,"
        " or `to default`"
    ),
    "usage.activate": "`/relance activate CUSTOMER|all` – reminders begin",
    "usage.deactivate": "`/relance deactivate CUSTOMER|all` – reminders end",
    "usage.kill": "`/relance kill on|off` – nothing leaves at all",
    "usage.test": "`/relance test ADDRESS|off` – all mail goes to that address, none to customers",
    "usage.settings": "`/relance settings` – hours, days, time zone, who answers for what",
    "usage.member": (
        "`/relance member list` – who works here\n"
        "`/relance member add ADDRESS NAME [ROLE,ROLE]`, `/relance member role NAME ROLE,ROLE`,"
        " `/relance member remove NAME`"
    ),
    "usage.audit": "`/relance audit [N]` – the last acts of admins, 40 at most",
    "customers.several": "Several match “{typed}”: {names}.",
    "customers.near": "Nobody is called “{typed}”. Did you mean {names}?",
    "customers.none": "Nobody is called “{typed}”.",
    # Assigning
    "assign.moves": (
        (
            "*{n} customer* moves to “{plan}”, which becomes the plan {target}. Its plan of today"
            " ends, and what waits under it is withdrawn."
        ),
        (
            "*{n} customers* move to “{plan}”, which becomes the plan {target}. Their plan of"
            " today ends, and what waits under it is withdrawn."
        ),
    ),
    "assign.moves_nobody": (
        "“{plan}” becomes the plan {target}. That moves nobody now; it holds for those to come."
    ),
    "assign.to.customer": "of {name}",
    "assign.to.others": "of all who have none of their own, of a rule or of their profile",
    "assign.to.profile": "of the profile {name}, for those with an e-mail address",
    "assign.to.profile_without": "of the profile {name}, for those without an e-mail address",
    "assign.no_profile": "There is no profile “{name}”. There are: {names}.",
    "activate.all": (
        "*{n} customer* is reminded from now on.",
        "*{n} customers* are reminded from now on.",
    ),
    "deactivate.all": (
        "*{n} customer* is no longer reminded, and what waits is withdrawn.",
        "*{n} customers* are no longer reminded, and what waits is withdrawn.",
    ),
    "confirm.title": "What this does",
    "confirm.do": "Do it",
    "confirm.more": ("and {n} more", "and {n} more"),
    "confirm.many": "These are many",
    "confirm.sure": ("Yes, {n} customer", "Yes, {n} customers"),
    "asked.assign_plan": (
        "“{plan}” is assigned: {n} customer follows it now.",
        "“{plan}” is assigned: {n} customers follow it now.",
    ),
    "asked.switch_customers": (
        "{n} customer is reminded from now on.",
        "{n} customers are reminded from now on.",
    ),
    "asked.switch_customers.off": (
        "{n} customer is no longer reminded.",
        "{n} customers are no longer reminded.",
    ),
    # Rules
    "usage.rule": (
        "`/relance rule list` – which customers get which plan; the first match wins\n"
        "`/relance rule add PLAN when country FR, language fr, profile NAME [at N]`,"
        " `/relance rule remove N`"
    ),
    "rule.list": ("{n} rule, the first match wins", "{n} rules, the first match wins"),
    "rule.none": (
        "There is no rule. A customer follows the plan of its own, of its profile, or of all"
        " others."
    ),
    "rule.line": "{at}. {conditions} → *{plan}*",
    "rule.country": "country {value}",
    "rule.language": "language {value}",
    "rule.profile": "profile {value}",
    "rule.everybody": "everybody",
    "rule.wrong": "“{typed}” is no condition: write country FR, language fr or profile NAME.",
    "rule.adds": (
        "*New rule {at}:* {conditions} → *{plan}*. It moves {n} customer.",
        "*New rule {at}:* {conditions} → *{plan}*. It moves {n} customers.",
    ),
    "rule.removes": (
        "*Rule {at} goes:* {conditions} → *{plan}*. That moves {n} customer.",
        "*Rule {at} goes:* {conditions} → *{plan}*. That moves {n} customers.",
    ),
    "asked.add_rule": (
        "Rule {at} holds: “{plan}”. {n} customer has moved.",
        "Rule {at} holds: “{plan}”. {n} customers have moved.",
    ),
    "asked.remove_rule": (
        "Rule {at} is gone. {n} customer has moved.",
        "Rule {at} is gone. {n} customers have moved.",
    ),
    "asked.remove_rule.stale": "The rules have changed meanwhile: `/relance rule list`.",
    "audit.rule_added": (
        "made rule {at}, to the plan {plan}: {n} customer moved",
        "made rule {at}, to the plan {plan}: {n} customers moved",
    ),
    "audit.rule_removed": (
        "removed rule {at}, to the plan {plan}: {n} customer moved",
        "removed rule {at}, to the plan {plan}: {n} customers moved",
    ),
    # What is missing
    "choice.title.show": "Show a plan",
    "choice.title.history": "A plan’s versions",
    "choice.title.export": "A plan as a file",
    "choice.title.edit": "Change a plan",
    "choice.title.pause": "Pause a plan",
    "choice.title.resume": "Resume a plan",
    "choice.title.assign": "Assign a plan",
    "choice.typed": "Type a part of the name",
    "choice.plan": "Plan",
    "choice.customer": "Customer",
    "choice.group": "Or several at once",
    "choice.others": "All others",
    "choice.profile": "Profile {name}, with e-mail",
    "choice.profile_without": "Profile {name}, without e-mail",
    "choice.nobody": "Please choose a customer, or several at once.",
    "choice.go": "Next",
    "choice.shown": "Reminder plans",
    # Switches
    "banner.kill": ":warning: *The kill switch is on:* nothing leaves.",
    "banner.test": ":warning: *Test mode:* all mail goes to {address}, none to customers.",
    "asked.switch_kill": ":warning: The kill switch is on: nothing leaves any more.",
    "asked.switch_kill.off": "The kill switch is off: what is due leaves again, in its hours.",
    "asked.switch_test": (
        ":warning: Test mode is on: all mail goes to {address}, and none to customers."
    ),
    "asked.switch_test.address": "Test mode is off: mail goes to customers again.",
    "mistake.test_address": "This is not an e-mail address.",
    # Settings
    "settings.title": "Settings",
    "settings.send_at": "Automatic actions leave from",
    "settings.send_until": "Delayed ones leave until",
    "settings.weekdays": "On these days",
    "settings.holidays": "Public holidays",
    "settings.holidays.yes": "Nothing leaves on them",
    "settings.holidays.no": "They are days like any other",
    "settings.zone": "Time zone",
    "settings.zone.hint": "Such as Europe/Paris",
    "settings.default_owner": "Who gets what is nobody’s",
    "settings.default_owner.none": "Nobody",
    "settings.default_owner.hint": (
        "They get what has no account manager, no owner of the customer and none of the plan."
    ),
    "settings.enable_new_customers": "New customers",
    "settings.enable_new_customers.yes": "Are reminded at once",
    "settings.enable_new_customers.no": "Wait until they are activated",
    "settings.fresh_within_hours": "Hours after which data are stale",
    "settings.fresh_within_hours.hint": (
        "Nothing leaves when the last import is older. Empty: no source is connected."
    ),
    "settings.plan": (
        "The plan for all others is {plan}: `/relance plan assign PLAN to default` gives another."
    ),
    "asked.change_settings": ("{n} setting is changed.", "{n} settings are changed."),
    "asked.change_settings.stale": (
        "Somebody has changed the same setting meanwhile. Nothing has been done:"
        " `/relance settings` shows what holds."
    ),
    "mistake.setting_send_at": "Please choose an hour.",
    "mistake.setting_send_until": "Please choose an hour.",
    "mistake.setting_window": "Please choose an hour after the first one.",
    "mistake.setting_weekdays": "Please keep at least one day.",
    "mistake.setting_zone": "There is no such time zone: write one such as Europe/Paris.",
    "mistake.setting_fresh_within_hours": "Please write a whole number of hours from 1 to 744.",
    # People
    "member.list": ("{n} member", "{n} members"),
    "member.unknown": "Nobody here is called “{name}”. `/relance member list` shows who is there.",
    "member.no_role": "“{role}” is no role. There are: {roles}.",
    "asked.add_member": "{name} is a member now. Slack knows them by their address.",
    "asked.add_member.unchanged": "They are a member already.",
    "asked.change_roles": "The roles of {name} are changed.",
    "asked.remove_member": (
        "{name} is no longer a member. {n} action still waits for them alone: please reassign it.",
        (
            "{name} is no longer a member. {n} actions still wait for them alone: please reassign"
            " them."
        ),
    ),
    "mistake.member_address": "This is not an e-mail address, or the name is missing.",
    "mistake.member_roles": "A member has at least one role.",
    "mistake.last_admin": "the last admin stays one: make somebody else an admin first.",
    # The log
    "audit.title": ("The last act", "The last {n} acts"),
    "audit.none": "Nothing has been done yet.",
    "audit.command_line": "the command line",
    "audit.founded": "set the company up",
    "audit.plan_created": "made the plan {plan}",
    "audit.plan_changed": "changed the plan {plan}: version {version}",
    "audit.plan_assigned": (
        "gave the plan {plan} to all others: {n} customer moved",
        "gave the plan {plan} to all others: {n} customers moved",
    ),
    "audit.plan_assigned.customer": "gave the plan {plan} to {customer}",
    "audit.plan_assigned.profile": (
        "gave the plan {plan} to the profile {profile}: {n} customer moved",
        "gave the plan {plan} to the profile {profile}: {n} customers moved",
    ),
    "audit.paused": "paused everything {reason}",
    "audit.paused.plan": "paused the plan {plan} {reason}",
    "audit.resumed": "resumed everything",
    "audit.resumed.plan": "resumed the plan {plan}",
    "audit.kill_on": "turned the kill switch on",
    "audit.kill_off": "turned the kill switch off",
    "audit.test_on": "turned test mode on, to {address}",
    "audit.test_off": "turned test mode off",
    "audit.settings_changed": "changed settings: {changes}",
    "audit.member_added": "added {email}: {roles}",
    "audit.roles_changed": "changed the roles of {email}: {roles}",
    "audit.member_removed": "removed {email}",
    "audit.customers_enabled": ("activated {n} customer", "activated {n} customers"),
    "audit.customers_enabled.customer": "activated {customer}",
    "audit.customers_disabled": ("deactivated {n} customer", "deactivated {n} customers"),
    "audit.customers_disabled.customer": "deactivated {customer}",
    "audit.refused": "asked for something that their role does not allow",
    "audit.other": "changed something",
}
