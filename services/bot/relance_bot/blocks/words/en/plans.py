"""English: reminder plans."""

WORDS: dict[str, str | tuple[str, str]] = {
    "usage.plan": (
        "`/relance plan list` – all reminder plans\n"
        "`/relance plan show|history|export PLAN` – one of them\n"
        "`/relance plan edit PLAN`, `/relance plan restore PLAN VERSION` – change it, go back\n"
        "`/relance plan assign PLAN to CUSTOMER|profile NAME|default` – who follows it\n"
        "`/relance plan new KEY [NAME]`, `/relance plan duplicate PLAN KEY [NAME]`,"
        " `/relance plan import`\n"
        "`/relance plan pause PLAN [until DATE] [REASON]`, `/relance plan resume PLAN`"
        " – nothing of it leaves"
    ),
    "plan.list": ("{n} plan", "{n} plans"),
    "plan.line": "*{name}* (`{key}`) · version {version} · {steps} · {customers}",
    "plan.steps": ("{n} step", "{n} steps"),
    "plan.customers": ("{n} customer", "{n} customers"),
    "plan.title": "{name}, version {version}",
    "plan.kind.escalation": "Escalation",
    "plan.kind.recap": "Statement of account",
    "plan.scope.account": "one message for the whole account",
    "plan.scope.item": "a message for each invoice",
    "plan.logic.standard": "late customers start at the first reminder",
    "plan.logic.contextual": "late customers start at the step of their age",
    "plan.delay": ("{n} day between contacts", "{n} days between contacts"),
    "plan.paused": ":double_vertical_bar: Paused until it is resumed",
    "plan.paused_until": ":double_vertical_bar: Paused until {until}",
    "plan.inactive": ":heavy_minus_sign: Switched off",
    "plan.mode.manual": "by hand",
    "plan.mode.confirm": "to be confirmed",
    "plan.mode.automatic": "automatic",
    "plan.owner.account_manager": "account manager",
    "plan.owner.customer_owners": "customer’s owners",
    "plan.owner.plan_owner": "plan’s owner",
    "plan.owner.role": "every {role}",
    "role.collector": "collector",
    "role.lead": "lead",
    "role.admin": "admin",
    "plan.template": "template `{template}`",
    "plan.off": "_switched off_",
    "plan.when.issue_date.before": (
        "{n} day before the issue date",
        "{n} days before the issue date",
    ),
    "plan.when.issue_date.on": "on the issue date",
    "plan.when.issue_date.after": ("{n} day after the issue date", "{n} days after the issue date"),
    "plan.when.due_date.before": ("{n} day before the due date", "{n} days before the due date"),
    "plan.when.due_date.on": "on the due date",
    "plan.when.due_date.after": ("{n} day after the due date", "{n} days after the due date"),
    "plan.when.previous_step.before": (
        "{n} day before the previous step",
        "{n} days before the previous step",
    ),
    "plan.when.previous_step.on": "on the day of the previous step",
    "plan.when.previous_step.after": (
        "{n} day after the previous step",
        "{n} days after the previous step",
    ),
    "plan.when.payment_date.before": (
        "{n} day before the payment",
        "{n} days before the payment",
    ),
    "plan.when.payment_date.on": "on the day of the payment",
    "plan.when.payment_date.after": ("{n} day after the payment", "{n} days after the payment"),
    "plan.when.recurrence": "each time",
    "plan.when.end_of_month": "at the end of the month of “{when}”",
    "plan.versions": "Versions of {name}",
    "plan.version": "*Version {number}* · {who}, {at}",
    "plan.by_file": "from a file",
    "plan.change.first": "The first version",
    "plan.change.added": "Added: {which}",
    "plan.change.removed": "Removed: {which}",
    "plan.change.moved": "Moved: {which}",
    "plan.change.fields": "Changed: {which}",
    "plan.change.step": "Changed in {step}: {which}",
    "plan.unknown": "There is no plan “{key}”. There are: {keys}.",
    "plan.none": "There is no plan yet. An administrator adds the first with `relance plan apply`.",
    "plan.exported": "This is “{name}” as a file: `relance plan apply` makes it again.",
    "plan.exported.cut": (
        "It is longer than Slack shows: `relance plan export {key}` writes all of it."
    ),
    "asked.pause_plan": "The plan “{plan}” is paused until {until}.",
    "asked.pause_plan.until": "The plan “{plan}” is paused until you resume it.",
    "asked.resume_plan": "The plan “{plan}” goes on.",
    "asked.resume_plan.unchanged": "That plan was not paused.",
}
