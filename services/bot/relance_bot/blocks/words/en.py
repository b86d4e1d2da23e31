"""English."""

ENGLISH: dict[str, str | tuple[str, str]] = {
    # Names of things
    "channel.email": "E-mail",
    "channel.sms": "SMS",
    "channel.letter": "Letter",
    "channel.call": "Telephone call",
    "channel.task": "Task",
    "channel.other": "Other",
    "item.credit_note": "credit note",
    "item.payment_on_account": "payment on account",
    "call.reached": "Reached",
    "call.voicemail": "Left a message",
    "call.no_answer": "No answer",
    "call.wrong_number": "Wrong number",
    "call.promise": "Promised to pay",
    "call.dispute": "Disputes the invoice",
    # The card
    "title": "{step} · {customer}",
    "summary.late": ("*{owed}* owed, {n} day late", "*{owed}* owed, {n} days late"),
    "summary.today": "*{owed}* owed, due today",
    "summary.ahead": ("*{owed}*, due in {n} day", "*{owed}*, due in {n} days"),
    "summary.undated": "*{owed}* owed",
    "summary.nothing": "Nothing is owed any more",
    "text.waiting": "{step} for {customer}: {owed}. Validate, edit or skip?",
    "text.call": "{step}: please call {customer} ({owed}).",
    "text.task": "{step} for {customer} ({owed}).",
    "text.uncertain": "{step} for {customer} may have left: please check.",
    "text.closed": "{step} for {customer}: {what}",
    "text.withdrawn": "{step}: now with {owners}.",
    "since": "{channel} · due on {day}",
    "table.item": "Item",
    "table.due": "Due",
    "table.late": "Days late",
    "table.open": "Open",
    "items.more": ("and {n} more item", "and {n} more items"),
    "items.left_out": ("{n} item left out", "{n} items left out"),
    "sums.more": ("and {n} more currency", "and {n} more currencies"),
    "names.more": ("and {n} more", "and {n} more"),
    "draft.to": "To: {to}",
    "draft.cc": "Cc: {cc}",
    "draft.from": "From: {sender}",
    "draft.subject": "Subject: *{subject}*",
    "draft.cut": "The text goes on: Edit shows all of it.",
    "draft.none": "No text has been prepared. Press Edit to write one.",
    "phones": "Telephone: {phones}",
    "phones.none": "No telephone number is known for this customer.",
    "note": "Note: {note}",
    "also_for": "Also for {names}: the first decision counts.",
    "edited": "Edited by {who}, {at}",
    "snoozed": "Snoozed until {day}",
    "withdrawn": "This action is no longer yours. It is now with {owners}.",
    # Buttons
    "button.validate": "Validate",
    "button.by_hand": "I have sent it",
    "button.edit": "Edit",
    "button.skip": "Skip",
    "button.log_call": "Log the call",
    "button.done": "Done",
    "button.snooze": "Snooze…",
    "button.mark_sent": "Mark as sent",
    "button.send_again": "Send again",
    "button.reassign": "Reassign",
    "button.review": "Review",
    "label.validate": "Validate the reminder for {customer}",
    "label.edit": "Edit the reminder for {customer}",
    "label.skip": "Skip the reminder for {customer}",
    "label.log_call": "Log the call to {customer}",
    "label.done": "Mark the task for {customer} as done",
    "label.mark_sent": "Mark as sent: {customer}",
    "label.send_again": "Send again to {customer}",
    "label.review": "Review the reminder for {customer}",
    "label.reassign": "Reassign the action of {owner}",
    "confirm.send_again": "Send it a second time?",
    "confirm.send_again.text": (
        "The first message may have arrived: the customer could receive it twice."
    ),
    "confirm.yes": "Send again",
    "confirm.no": "Cancel",
    # What is being done
    "pending.validate": "Validating… (decided by {who})",
    "pending.edit": "Saving the changes… (by {who})",
    "pending.skip": "Skipping… (decided by {who})",
    "pending.snooze": "Snoozing… (decided by {who})",
    "pending.reassign": "Reassigning… (decided by {who})",
    "pending.log_call": "Logging the call… (by {who})",
    "pending.mark_sent": "Marking as sent… (decided by {who})",
    "pending.send_again": "Sending again… (decided by {who})",
    # What became of it
    "state.leaving": "Leaving now.",
    "state.uncertain": (
        "*This message may have left.* The connection was lost at the very moment of sending, "
        "so it was not sent again. Please check in your mailbox or with the customer."
    ),
    "reason": "Reason: {reason}",
    # What happened, line by line
    "news.made": "Prepared, {at}",
    "news.queued": "Queued, {at}",
    "news.validated": "Validated by {who}, {at}",
    "news.edited": "Edited by {who}, {at}",
    "news.skipped": "Skipped by {who}, {at}",
    "news.snoozed": "Snoozed by {who}, {at}",
    "news.reassigned": "Reassigned by {who}, {at}",
    "news.done": "Done by {who}, {at}",
    "news.call_logged": "Call logged by {who}, {at}",
    "news.called": "Call logged by {who}, {at}: {outcome}",
    "news.sent": "Sent, {at}",
    "news.sent_to": "Sent to {to}, {at}",
    "news.uncertain": "May have left, {at}: please check.",
    "news.marked_sent": "Marked as sent by {who}, {at}",
    "news.sent_again": "Sent again at the request of {who}, {at}",
    "news.returned": "Not sent, {at}: the text no longer fits.",
    "news.impossible": "Not sent, {at}: a person has to act.",
    "news.rejected": "Refused by the recipient’s server, {at}.",
    "news.cancelled": "Cancelled, {at}: {why}",
    "news.expired": "Expired, {at}: the next step has come.",
    "news.passed": "Passed over, {at}: its condition no longer holds.",
    "news.shrunk": "Items were settled, {at}: the message now speaks of the others.",
    "news.other": "Changed, {at}",
    "the_clock": "Relance",
    # Why an action was withdrawn
    "cause.settled": "it has been settled",
    "cause.disputed": "it is in dispute",
    "cause.archived": "the customer is archived",
    "cause.disabled": "the customer is not enabled",
    "cause.paused": "reminders are paused",
    "cause.plan_changed": "the customer’s plan has changed",
    "cause.plan_inactive": "the plan is switched off",
    "cause.draft": "an invoice was taken back in accounting",
    "cause.not_sent": "the invoice has not been sent yet",
    "cause.no_due_date": "there is no due date",
    "cause.litigation": "it is in litigation",
    "cause.specific_action": "its items are followed up outside the plan",
    "cause.direct_debit": "it is paid by direct debit",
    "cause.promised": "a payment has been promised",
    "cause.balance": "the balance is no longer owed",
    "cause.under_floor": "the amount is under the plan’s floor",
    "cause.past_due": "the due date has come",
    "cause.payment_cancelled": "the payment was cancelled",
    "cause.other": "it no longer applies",
    # Why a person must act, and what to do
    "problem.channel_not_connected": (
        "This channel is not connected. Send it yourself, then say so here."
    ),
    "problem.rejected": (
        "The recipient’s server refused the message. Press Edit and choose another address."
    ),
    "problem.no_contact": (
        "There is nobody to send it to. Press Edit and choose or type a recipient."
    ),
    "problem.address_invalid": (
        "No contact has a valid address. Press Edit and choose or type a recipient."
    ),
    "problem.opted_out": "The contact no longer wants this channel. Press Edit to choose another.",
    "problem.template_missing": "There is no template for this step. Press Edit to write the text.",
    "problem.template_broken": "The template could not be filled in. Press Edit to write the text.",
    "problem.ceiling": (
        "The amount is above the plan’s ceiling, so a person decides. Please check and validate."
    ),
    "problem.amounts_changed": (
        "An amount has changed since the text was edited. Please check the text, then validate."
    ),
    "problem.no_sender": (
        "There is no address to send it from. An administrator can set the company’s address."
    ),
    "problem.message_broken": (
        "The message could not be put together. Press Edit, and check the names and addresses."
    ),
    "problem.provider_unreachable": (
        "The mail server did not take it, however often it was tried. Validate to try again."
    ),
    "problem.unexpected_error": (
        "Something is wrong in its data or in its plan. Please tell an administrator."
    ),
    "problem.other": "It could not leave by itself. Please check it, then decide.",
    # Modals; titles and buttons have 24 characters
    "modal.loading": "One moment…",
    "modal.loading.text": "Fetching the latest state…",
    "modal.edit": "Edit the message",
    "modal.review": "Review",
    "modal.call": "Log the call",
    "modal.done": "Mark as done",
    "modal.skip": "Skip this action",
    "modal.snooze": "Snooze",
    "modal.reassign": "Reassign",
    "modal.refused": "Nothing has changed",
    "modal.save": "Save",
    "modal.close": "Close",
    "modal.cancel": "Cancel",
    "modal.edit.intro": "{title}. Saving keeps it waiting for your validation.",
    "modal.skip.intro": "{title}. The plan goes on to its next step.",
    "modal.snooze.intro": "{title}. It comes back on that day, and the plan waits for it.",
    "modal.reassign.intro": "{step}, with {owners}. The new owner is the only one who decides.",
    "modal.typed": "What you had written, so that nothing is lost:",
    "modal.amounts_moved": (
        "*An amount has changed while you were writing.* It is now {owed}. "
        "Please check your text, then save again."
    ),
    "field.channel": "Channel",
    "field.to": "Recipients",
    "field.to_typed": "More recipients",
    "field.to_typed.hint.email": "E-mail addresses, separated by commas",
    "field.to_typed.hint.sms": "Telephone numbers with their country code, separated by commas",
    "field.cc": "Copies (Cc)",
    "field.cc_typed": "More copies (Cc)",
    "field.subject": "Subject",
    "field.body": "Text",
    "field.body_part": "Text, part {part} of {parts}",
    "edit.too_long": (
        "The text has {n} characters, too many to be edited here; {most} is the limit. "
        "It stays as it is."
    ),
    "field.script": "What to say",
    "field.items": "Items that it speaks of",
    "field.items_part": "Items that it speaks of, part {part} of {parts}",
    "field.note": "Note for your team",
    "field.outcome": "What came of it",
    "field.reason": "Reason",
    "field.until": "Until",
    "field.new_owner": "New owner",
    "mistake.text_missing": "Please write a text.",
    "mistake.subject_missing": "Please write a subject.",
    "mistake.recipient_missing": "Please choose or type at least one recipient.",
    "mistake.items_missing": "Please keep at least one item.",
    "mistake.call_outcome_missing": "Please say what came of the call.",
    "mistake.not_a_call": "This is not a call.",
    "mistake.date_not_ahead": "Please choose a day after today.",
    "mistake.owner_missing": "Please choose a colleague.",
    "mistake.owner_unknown": "This colleague is no longer there. Please choose another.",
    "mistake.address": "“{typed}” is not an e-mail address.",
    "mistake.phone": "“{typed}” is not a telephone number with its country code.",
    "mistake.header": "A subject is one line, without line breaks.",
    "mistake.too_long": "This is longer than {most} characters.",
    "mistake.other": "This cannot be used.",
    # Private answers
    "answer.stranger": (
        "I do not know you in this workspace, so nothing has changed. "
        "Ask an administrator of Relance to add your e-mail address."
    ),
    "answer.outsider": "Only full members of this workspace can act here. Nothing has changed.",
    "answer.inactive": "Your access to Relance has been switched off. Nothing has changed.",
    "answer.not_yours": "Only {owners} can decide on this action. Nothing has changed.",
    "answer.not_allowed": "Only a lead or an administrator can reassign. Nothing has changed.",
    "answer.gone": "This action no longer exists. Nothing has changed.",
    "answer.moved_on": "This had already moved on, so nothing has changed. {what}",
    "answer.pending": "{who} has just decided; it is being applied.",
    "answer.pending_yours": "You have already decided; it is being applied.",
    "answer.invalid": "Nothing has changed: {mistakes}",
    "answer.failed": "Something went wrong on our side. Please try again in a moment.",
    "answer.unchecked": "I could not check who you are. Please try again in a moment.",
    "answer.too_slow": "That took too long for Slack. Please press the button again.",
    "answer.old_button": "This button is from an older version. Please use the newest card.",
    "answer.typed": "What you had written:\n{typed}",
    # App Home
    "home.title": "To do",
    "home.counters": ("{n} action waits for you", "{n} actions wait for you"),
    "home.late": ("{n} since yesterday or longer", "{n} since yesterday or longer"),
    "home.nothing": "Nothing waits for you. Well done.",
    "home.more": ("and {n} more action", "and {n} more actions"),
    "home.why": ("{owed} × {n} day late", "{owed} × {n} days late"),
    "home.not_late": "{owed}, not late yet",
    "home.age": ("waits since {n} day", "waits since {n} days"),
    "home.new": "new today",
    "home.snoozed": ("{n} snoozed", "{n} snoozed"),
    "home.others": "Waiting for others",
    "home.others.row": "*{step}* · {owners}",
    "home.others.none": "Nothing waits for anybody else.",
    "home.help": "Type `/relance help` for what else you can ask.",
    # Commands
    "command.usage": (
        "*What you can ask*\n"
        "`/relance why CUSTOMER` – why something is or is not due\n"
        "`/relance forecast [DAYS]` – what will leave if nothing changes\n"
        "`/relance home` – what waits for you\n"
        "`/relance help` – this"
    ),
    "command.unknown": "I do not know “{word}”.",
    "command.why.missing": "Which customer? For instance `/relance why ACME`.",
    "command.forecast.days": "“{word}” is not a number of days from 1 to 90.",
    "command.nothing": "There is nothing to say about this.",
    "command.home": ("{n} action waits for you.", "{n} actions wait for you."),
    "command.unavailable": "This is not available here.",
}
