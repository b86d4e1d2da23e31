"""English: a reminder plan under change."""

WORDS: dict[str, str | tuple[str, str]] = {
    "plan.edit.title": "Change the plan",
    "plan.edit.new": "{name}, a new plan",
    "plan.edit.next": "See the effect",
    "plan.more_steps": ("and {n} more step", "and {n} more steps"),
    "plan.taken": "There is a plan “{key}” already.",
    "plan.key": (
        "“{key}” cannot be a plan’s key: use letters without accents, digits, “-”, “_” and “.”."
    ),
    "plan.no_version": "There is no version {number} of {plan}.",
    "plan.draft_gone": "These changes are no longer under way. Nothing has changed.",
    "button.plan_add": "Add a step",
    "button.plan_rules": "Rules…",
    "button.plan_restart": "Start again",
    "button.plan_merge": "Keep both changes",
    "button.plan_back": "Back to the steps",
    "button.plan_restore": "Go back to this",
    "label.plan_rules": "Change the rules of {plan}",
    "label.plan_restore": "Go back to version {number} of {plan}",
    "plan.restart.text": "What you have changed here and not saved is thrown away.",
    "plan.restart.yes": "Throw it away",
    "plan.newer": (
        ":warning: *Another version has been saved since you began.* Nothing of yours is lost.",
        ":warning: *{n} versions have been saved since you began.* Nothing of yours is lost.",
    ),
    "plan.newer.by": "*Version {number}* by {who}",
    "plan.import.title": "A plan from a file",
    "plan.import": "The plan’s file",
    "plan.import.part": "The file, part {part}",
    "plan.import.hint": (
        "YAML, as `/relance plan export` shows it. A file of more than 3,000 characters goes on in"
        " the next field."
    ),
    "plan.import.line": "Line {line}: {mistake}",
    # A step
    "plan.step.change": "Change…",
    "plan.step.up": "Move up",
    "plan.step.down": "Move down",
    "plan.step.off": "Switch off",
    "plan.step.on": "Switch on",
    "plan.step.remove": "Remove",
    "plan.step.title": "Change a step",
    "plan.step.new": "Add a step",
    "plan.step.keep": "Keep",
    "plan.rules.title": "The plan’s rules",
    "plan.settled.restart": "Start again with the next item",
    "plan.settled.inherit": "Go on from the same step",
    "plan.settled.contextual": "Go on at the step of its age",
    "plan.field.name": "name",
    "plan.field.when": "when",
    "plan.field.phase": "phase",
    "plan.field.channel": "channel",
    "plan.field.mode": "who sets it off",
    "plan.field.owner": "whose it is",
    "plan.field.template": "template",
    "plan.field.condition": "only if",
    "plan.field.active": "switched on or off",
    "plan.field.sender": "sender",
    "plan.field.to": "recipients",
    "plan.field.cc": "copies",
    "plan.field.attachments": "attachments",
    "plan.field.contact_delay": "days between two contacts",
    "plan.field.logic": "where late customers start",
    "plan.field.on_reference_settled": "when the oldest item is settled",
    "plan.field.every": "how often",
    "plan.field.kind": "kind",
    "plan.field.scope": "scope",
    "plan.field.floors": "floors",
    "plan.field.ceilings": "ceilings",
    "plan.field.slots": "hours",
    "plan.hint.when": (
        "Such as: 7 days before the due date, on the due date, 8 days after the due date,"
        " 5 days after the previous step, 3 days after the payment"
    ),
    "plan.hint.template": "E-mails and letters need one of their channel.",
    "plan.hint.condition": "Such as: no reply, not opened, amount above 1000 EUR",
    "plan.condition.no_reply": "no reply",
    "plan.condition.not_opened": "not opened",
    "plan.condition.amount_above": "amount above {amounts}",
    "plan.hint.contact_delay": "0 to 30",
    "plan.hint.every": "Such as: week on monday, month on 5, 14 days",
    # What is wrong
    "plan.mistake.in_step": "Step {n}, {step}: {mistake}",
    "plan.mistake.no_step": "Nothing would ever leave: no step is switched on.",
    "plan.mistake.name": "Please write a name, on one line.",
    "plan.mistake.key": "Two steps have the same key.",
    "plan.mistake.when": (
        "its day does not fit its place: steps stand in the order in which they leave, and the"
        " first one counts from the due date or the issue date."
    ),
    "plan.mistake.when_unread": (
        "Please write it like one of these: 7 days before the due date, on the due date,"
        " 8 days after the due date, 5 days after the previous step."
    ),
    "plan.mistake.phase": "a step before the due date stands after a reminder: move it up.",
    "plan.mistake.channel": "E-mails and letters need a template.",
    "plan.mistake.template": "There is no such template for this channel.",
    "plan.mistake.mode": "Only e-mails, SMS and letters can leave by themselves.",
    "plan.mistake.owner": "This colleague is not among the members.",
    "plan.mistake.condition": (
        "Please write it like one of these: no reply, not opened, amount above 1000 EUR."
    ),
    "plan.mistake.contact_delay": "Please write a whole number from 0 to 30.",
    "plan.mistake.every": (
        "Please write it like one of these: week on monday, month on 5, 14 days."
    ),
    "plan.mistake.step": "it lacks something: please change it.",
    "plan.mistake.other": "Something here cannot be used.",
    "mistake.plan_wrong": (
        "the plan holds a mistake by now, such as a template that is gone."
        " `/relance plan edit` shows it."
    ),
    # An example of its dates
    "plan.example.ahead": "*An invoice due on {due}:*",
    "plan.example.late": "*An invoice late since {due}, met today:*",
    "plan.example.none": "nothing leaves",
    "plan.example.note": (
        "If nobody pays and everybody acts on the day. Weekends, public holidays and the days"
        " between two contacts are counted in."
    ),
    # What saving would do
    "plan.effect.title": "What this changes",
    "plan.effect.save": "Save as version {number}",
    "plan.effect.unchanged": "Nothing has been changed yet.",
    "plan.effect.new": (
        "Nobody follows this plan yet, so nothing leaves by it until it is assigned to somebody."
    ),
    "plan.effect.customers": (
        (
            "*{n} customer* follows this plan, and the new version from its next step on."
            " What has been sent is not sent again."
        ),
        (
            "*{n} customers* follow this plan, and the new version from their next step on."
            " What has been sent is not sent again."
        ),
    ),
    "plan.effect.leaving": (
        "*Due within {n} day:* {before} as it stands, *{after}* with this change",
        "*Due within {n} days:* {before} as it stands, *{after}* with this change",
    ),
    "plan.effect.line": "• {step}: {before} → {after}",
    "plan.effect.estimate": "An estimate: {n} of {of} customers were looked at.",
    "asked.change_plan": (
        "“{plan}” is now version {version}: {n} customer follows it from its next step on.",
        "“{plan}” is now version {version}: {n} customers follow it from their next step on.",
    ),
    "asked.change_plan.new": "The plan “{plan}” is there. Nobody follows it yet.",
    "asked.change_plan.stale": (
        "Somebody has saved another version meanwhile. Nothing of yours is lost:"
        " `/relance plan edit` shows both."
    ),
    "asked.change_plan.unchanged": "The plan says so already.",
}
