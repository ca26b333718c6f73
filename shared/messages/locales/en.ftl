### Every sentence that a client reads, in English. Fluent syntax: https://projectfluent.org/fluent/guide/
###
### Another language is one more file beside this one, with the same messages: a missing message, an unknown one, or
### another set of variables does not compile. The comment above a message names its variables and their types, String
### or Number. Texts are plain: no HTML.


## Every page

encrypted-connection = Encrypted connection
need-help = Need help?
# The title of a page where something must be corrected.
# $title (String) - the page's own title
title-with-error = Error: { $title }
# $step (Number) - where the client is
# $steps (Number) - how many there are
step-of = Step { $step } of { $steps }
# Takes the place of the organization's name inside a sentence when the name is not known.
unnamed-organization = the organization that sent you this link
cancel-and-leave = Cancel and leave
use-another-website = Use another website
try-again = Try again


## Step 1: which website

connect-title = Connect your utility account
reconnect-title = Reconnect your utility account
which-utility = Which utility?
cannot-be-reached = We cannot be reached right now
nothing-lost-try-again = Nothing was saved and nothing was lost. Please try again in a minute.
check-what-you-entered = Please check what you entered
# $organization (String) - its name
reconnect-lead = { $organization } needs you to sign in to your utility once more, so that your bills can be collected. It takes about two minutes.
reconnect-lead-unnamed = Please sign in to your utility once more, so that your bills can be collected. It takes about two minutes.
# $organization (String) - its name, or unnamed-organization
connect-lead = Sign in to your utility once, and { $organization } can collect your bills from then on. It takes about two minutes.
website-label = Utility website
website-hint = Where you see or pay your bills, for example coned.com
country-label = Country
choose-country = Choose a country
continue-button = Continue
fact-own-website = You sign in on your utility’s own website, shown on the next page.
# $organization (String) - its name, or unnamed-organization
fact-password = Nobody at { $organization } sees your password. It is kept encrypted and used for nothing but your bills.
fact-no-account = No new account and nothing to install.

address-problem =
    .empty = Enter the address of the utility's website.
    .too-long = This address is too long.
    .not-an-address = This does not look like a website address. Try something like example.com.
    .scheme = The address must start with https:// or http://.
    .user-info = The address must not contain a user name or password.
    .mail-address = That is an e-mail address. Enter the address of the website where you see your bills, for example coned.com.
    .sandbox-only = This link is for trying things out. It opens sample websites only.
    .of-sandbox = This is a sample website for trying things out. Enter the address of your utility's website.
# $address (String) - where the website was looked for
# $other (String) - the same, without encryption
address-unreachable = The website cannot be reached at “{ $address }”. Please check the address. If it begins with http://, enter it in full: “{ $other }”
# $address (String) - where the website was looked for
address-unreachable-http = The website cannot be reached at “{ $address }”. Please check the address.
country-problem = Choose the country of the utility.


## Step 2: signing in

# $host (String) - the website's host
sign-in-title = Sign in to { $host }
# $organization (String) - its name, or unnamed-organization
sign-in-lead = This is the real website. Nobody at { $organization } can watch you sign in.
# $idle (Number) - minutes
# $total (Number) - minutes
window-limits = The window closes when you do nothing for { $idle ->
        [one] one minute
       *[other] { $idle } minutes
    }, and after { $total ->
        [one] one minute
       *[other] { $total } minutes
    } in all.
window-closed = The window with the website is closed.
open-again = Open the website again
script-needed =
    .title = This step needs JavaScript
    .text = It shows you the utility’s website live. Please allow JavaScript for this page and reload it, or open your link in another browser.
# The website's own words follow, as a quotation.
website-says = The website says:
# $minutes (Number)
window-closes-soon = This window closes in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }. Do you want to go on?
go-on = Go on
signed-in-question =
    .title = Are you signed in?
    .text = We could not tell for sure. Look at the website below: does it show your account? If it does not yet, go on there and answer later.
    .yes = Yes, I am signed in
    .not-yet = Not yet
    .announcement = Are you signed in? Please answer above the website.
# $host (String) - the website's host
website-region = The website { $host }
go-back = Go back one page
reload = Load the page again
secure = Secure
# $host (String) - the website's host
opening-website = Opening { $host }…
opening = Opening…
nothing-appears = Nothing appears?
reload-this-page = Reload this page.
# $host (String) - the website's host
type-into-website = Type into: The website { $host }
keyboard-hint = By keyboard: what you type goes into the website. To leave it, press Escape, then Tab.
connection-lost = The connection was lost. Reconnecting…
connection-blocked = There is no connection. Your network may be blocking this: try another network or device.
cannot-seal = This browser cannot send what you type securely. Please open your link in another one.
taken-over = You went on in another tab or on another device.
go-on-here = Go on here

switch-to-manual-entry = Enter user name and password here instead
handed-over =
    .title = Please go on here
    .text = The website wants something that only you can do. It is the very same page: what was entered so far is kept.
entry-stopped =
    .title = We stopped typing for you
    .text = Your password was not sent to the website. Please sign in below.


## A connection that needs its client again

repair-password = The website no longer accepts the password that was used. Sign in with the one that works now.
repair-new-password = The website wants a new password. Choose one on the website, then sign in with it.
repair-code = The website asked for a code, which only you get. Sign in once more. If it asks for one again, you then choose how the next ones reach us.
repair-question = The website asked something that only you can answer. Sign in once more and answer it.
repair-no-accounts = No bills were found. Sign in with the account that has them.
repair-other = Sign in once more, so that we can check that it works.
open-password-page = Open the website’s page to change the password
# $username (String) - the start of it, the rest hidden
repair-username = It was connected as { $username }.


## Step 2: manual entry

# $host (String) - the website's host
# $organization (String) - its name, or unnamed-organization
entry-lead = Enter your sign-in for { $host }, and we type it into the website for you. Nobody at { $organization } can see it.
entry-script-needed = What you enter is encrypted in this page before it leaves your device, and that takes JavaScript. Please allow JavaScript for this page and reload it, or open your link in another browser.
entry-region = Your sign-in
entry-fact-sealed = What you enter is encrypted in this page. It is typed into the website and kept encrypted, for nothing but your bills.
use-live-view = See the website and sign in there
# $host (String) - the website's host
entry-looking = Opening { $host } and looking for its sign-in…
# $host (String) - the website's host
entry-submitting = Signing in to { $host }…
# $host (String) - the host of the form
form-elsewhere = This sign-in is at { $host }, where the website led. What you enter is typed in there.
# $host (String) - the host that asks
challenge =
    .title = The website asks for your user name and password
    .text = { $host } shows its pages only with them, and leaves it to the browser to ask. What you enter is given to { $host } alone.
    .unencrypted = The connection to this website is not encrypted: others on the way there could read what you enter.
    .cancel = Cancel
field-identifier = User name, e-mail or customer number
field-password = Password
field-code = Code
field-text = Answer
show-password = Show password
show = Show
sign-in-button = Sign in
not-sent = This could not be sent. Please try again.
choose-code-way = How do you want to get the code?
choose-one = Which one?
approve =
    .title = Please approve the sign-in
    .text = The website waits until you approve this sign-in on your phone or in its app. This page goes on by itself.
approve-number = Choose or type this number there:
approved = I have approved it
code-asked = Enter the code that the website asks for.
code-asked-anew = The website was asked for a new code. Enter the newest one: older ones may not work any more.
code-asked-sms = Enter the code from the text message.
code-asked-call = Enter the code from the phone call.
code-asked-email = Enter the code from the e-mail.
code-asked-totp = Enter the code that your authenticator app shows now.
# $target (String) - where the website says that it sent the code, as the website masks it
code-sent = The website sent a code to { $target }.
# $target (String) - the same
code-sent-sms = The website sent a code to { $target } by text message.
# $target (String) - the same
code-sent-call = The website calls { $target } and says a code.
# $target (String) - the same
code-sent-email = The website sent a code to { $target } by e-mail.
code-region = What the website asks for
code-in-picture = Or use the website below.
remember-why = So that the website asks you less often.
page-offers = The website also offers:
# $minutes (Number)
entry-minutes-left = { $minutes ->
        [one] One minute is left for an answer. After that you have to start again.
       *[other] { $minutes } minutes are left for an answer. After that you have to start again.
    }
entry-problem =
    .incomplete = Please fill in every field.
    .same-again = The website has just refused exactly this user name and password. Please check both.
    .code-used = This code was used before. Please ask the website for a new one.
    .too-soon = The website was asked for a new code a moment ago. Please give it a minute, or choose another way.
    .unreadable = This page was out of date. Please enter it once more.
    .not-a-secret = This is not the key of an authenticator app. It is a row of some 16 to 32 letters and digits, or begins with “otpauth:”.
    .secret-not-supported = This key makes codes of a kind that we cannot make. Please choose another way.
    .not-sent-elsewhere = Your password was not sent, since the website led elsewhere. Please read below where it goes, and enter it once more.
    .not-saved = This could not be saved. Please try again.

credentials-invalid =
    .title = The website did not accept that sign-in
    .advice = Check the user name and password and sign in once more. If you can sign in on the website itself with the same details, tell the person who sent you the link.
account-locked =
    .title = The website has locked this account for now
    .advice = Unlock it the way the website describes, then open your link again.
captcha-blocked =
    .title = The website wants to check that you are a person
    .advice = Do what it asks, below. If it does not let you through, wait a moment and try again.
new-password-needed =
    .title = The website wants you to choose a new password
    .advice = Choose one below. Your bills will be collected with the new one.
consent-needed =
    .title = The website wants you to accept something first
    .advice = Read it below. The sign-in goes on once you have accepted.
browser-unsupported =
    .title = The website does not work with this browser
    .advice = If it offers a way to go on all the same, choose that one. Otherwise tell the person who sent you the link.
unencrypted =
    .title = The website asked for your user name and password without encryption
    .advice = Others on the way could have read them, so they were not asked for. If the website has an address that begins with “https:”, start again with that one.
unsupported-auth =
    .title = This way of signing in cannot be used here
    .advice = If the website offers another way, with a user name and password, choose that one.
site-down =
    .title = The website reports an error of its own
    .advice = This usually passes. Try again in a few minutes.
site-unreachable =
    .title = The website cannot be reached
    .advice = Check the address, or try again in a few minutes.
timed-out =
    .title = The sign-in took too long and was closed
    .advice = What you typed was not kept. You can start again now.
code-invalid =
    .title = The website did not accept that code
    .advice = Check the code and enter it again, or ask the website for a new one.
code-expired =
    .title = The code came too late
    .advice = Ask the website for a new code and enter it.
blocked-address =
    .title = This address cannot be opened from here
    .advice = It does not lead to a public website. Check the address.
busy =
    .title = Many people are connecting at this moment
    .advice = Nothing is lost: try again in a minute.

browser-lost =
    .title = The window with the website closed unexpectedly
    .advice = What you typed was not kept. You can open it again now.


## Step 3: sites and utility types

sites-title = What does this account cover?
# $host (String) - the website's host
signed-in-to = Signed in to { $host }
# $minutes (Number)
page-waits = This page waits { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    } for you.
check-what-you-chose = Please check what you chose
# $company (String) - its name
sites-of = Sites of { $company }
sites-hint = Tick every place that is on the bills.
types-label = What is on the bills?
types-hint = Tick all that apply.
finish = Finish
connected-before =
    .title = This account is connected already
# $day (String) - as day-of-month
connected-before-text = It was connected on { $day }. You can update that connection with this sign-in. If you go on below, it is connected a second time.
update-that-one = Update that connection

# A day, as it stands in a sentence.
# $day (String) - of the month
# $month (String) - one of the months below
# $year (String) - all four digits
day-of-month = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

sites-problem =
    .unknown-site = Choose sites from the list.
    .none-chosen = Choose at least one site.
    .site-gone = One of these sites is gone. Choose again.
    .not-saved = Something went wrong on our side. Please try again.
types-problem = Choose at least one kind of utility.

electricity = Electricity
gas = Gas
water = Water
waste = Waste
fuel = Fuel
solar = Solar
sewer = Sewer
steam = Steam
chilled-water = Chilled water
hot-water = Hot water


## Done

done-title = Thanks for connecting your utility account!
# $host (String) - the host of the organization's website, where the client came from
back-to = Back to { $host }
# $host (String) - the website's host
done-lead = { $host } is connected. You can close this page at any time: everything goes on without it.
repair-done-title = Thanks for signing in again!
# $host (String) - the website's host
repair-done-lead = We check now that { $host } works without you, and that it is the account that was connected before. You can close this page at any time: everything goes on without it.
# $host (String) - the website's host
repair-checked-lead = We have checked { $host }: what came of it stands below. You can close this page at any time: everything goes on without it.
# $host (String) - the website's host
repair-codes = { $host } asked you for a code, and may ask again when we sign in to fetch new bills.
repair-no-code = The website asked for no code this time. As long as it asks for none, nobody has to give us one.
proof-other-accounts =
    .title = This is another account than the one that was connected
    .advice = Nothing was changed. Sign in with the account that was connected before, or connect this one as well.
connect-as-well = Connect this account as well
what-happens-next = What happens next
accounts-looked-for = We look for the accounts behind your sign-in. You can go on without waiting.
# $accounts (String) - their utility types and the ends of their numbers
accounts-seen-so-far = Found so far: { $accounts }. We go on looking; you need not wait.
# $accounts (String) - the same
accounts-seen = Found behind your sign-in: { $accounts }. Please check what is ticked below.
forward-title = How should we get the next code?
# $host (String) - the website's host
forward-lead = { $host } is connected. It asked you for a code, and may ask again when we sign in to fetch new bills. Choose how the code reaches us, or leave it for later.
forward-proven-title = The next codes reach us
# $host (String) - the website's host
forward-proven-lead = { $host } is connected, and it took a code that reached us without you. There is nothing left to do here. You can set up a further way, or continue.
forward-region = How codes reach us
# $host (String) - the website's host
# $day (String) - in words
forward-trusted = { $host } remembers the browser that you signed in with, probably until { $day }. Until then it should ask for no code.
forward-authenticator =
    .title = Authenticator app
    .advice = The best way: we make the codes ourselves, as an app on a phone does. Nobody is asked again.
forward-authenticator-how = Open the website's security settings and set up an authenticator app. When it shows a QR code, read it here, or copy the key that stands beside it. Scan it with your own app as well, so that you can sign in yourself.
forward-authenticator-key = Key that the website shows
forward-authenticator-key-hint = Letters and digits, or an address that begins with otpauth:
forward-authenticator-use = Use this key
forward-authenticator-window = Show the website here
forward-authenticator-window-gone = The window in which you signed in is closed. Open the website on your own device, and copy the key.
forward-authenticator-read = Read the QR code
# $minutes (Number)
forward-window-closes = The website closes after { $minutes } minutes in which nothing is done.
forward-authenticator-hide = Close the website
forward-authenticator-no-qr = No QR code is in sight. Scroll the website until all of it is shown, then try again.
forward-authenticator-not-supported = This QR code is not one of an authenticator app. Please choose another way, or copy the key.
forward-authenticator-waiting = The key is saved. If the website wants a code to finish, show one and enter it there.
forward-show-code = Show a code
forward-code = Enter this code on the website now:
forward-code-soon = The code of this moment is used or nearly over. Please press once more in half a minute.
forward-email =
    .title = Mail with codes
    .advice = Mail with codes is forwarded to an address that is for this connection alone. We read nothing but the code.
forward-email-make = Make the address
forward-email-address = Forward mail with codes to this address:
forward-email-how = Set up a rule in your mailbox that forwards the website's mails with codes, and nothing else. You can also forward the mail that you have just got by hand.
forward-email-gmail =
    .title = Gmail
    .how = Settings, “Forwarding and POP/IMAP”, “Add a forwarding address”: enter the address. Google sends a confirmation, which is shown here. Then “Filters”, “Create a new filter”: enter the sender of the codes, and choose “Forward it to”.
forward-email-outlook =
    .title = Outlook and Microsoft 365
    .how = Settings, “Mail”, “Rules”, “Add new rule”: the sender of the codes as condition, “Redirect to” with the address as action. Your organization may have to allow forwarding to outside.
forward-email-apple =
    .title = Apple iCloud
    .how = On icloud.com: Settings, “Rules”, “Add Rule”: the sender of the codes as condition, “Forward to” with the address as action.
forward-email-yahoo =
    .title = Yahoo
    .how = Settings, “More settings”, “Mailboxes”: choose your mailbox, enter the address under “Forwarding” and verify it. It may need a paid plan, and forwards all mail.
# $host (String) - the website's host
# $address (String) - where mail is to be forwarded to
forward-email-it = Text for your IT: “Please forward mails from { $host } that contain sign-in codes to { $address }. They are needed to collect our utility bills automatically. No other mail should be forwarded.”
forward-email-it-title = Text for your IT
# $from (String) - a mail address
forward-confirmation = A confirmation from { $from } has come:
forward-confirmation-authentic = The sender is proven.
forward-confirmation-unproven = The sender is not proven. Use it only if you have just asked for it.
forward-confirmation-code = Confirmation code:
forward-confirmation-link = Open the confirmation link
forward-confirmation-done = We opened its link by ourselves, so it should be confirmed. If your mail provider does not say so, use what stands here.
forward-sms =
    .title = Text messages
    .advice = The website sends its codes to a number that receives them for us.
copy = Copy
copied = Copied
forward-sms-make = Show the number
forward-sms-number = Enter this number on the website for codes:
forward-sms-how = Add it in the website's security settings, as a further number if that is possible.
forward-ask =
    .title = Ask me each time
    .advice = You get a mail with a page for the code when one is needed. If nobody answers within ten minutes, we stop, or try again at the hour that you choose below.
# $address (String) - a mail address, masked
forward-ask-address = The mail goes to { $address }.
forward-asked-for-code = We are signed in. The website asked for a code.
code-hour-label = If nobody answers in time, try again at
code-hour-none = Do not try again without me
code-hour-save = Save
code-hour-saved = Saved. We try again at about this time, on three days at most.
forward-channel-waiting = Waiting for its first code. It proves itself when the website takes one.
forward-channel-proven = Works: the website took a code of it.
forward-remove = Remove
forward-try = Try it now
forward-try-why = Once it is set up, let us sign in by ourselves: that proves that it works.
forward-continue = Continue
forward-later = Later
set-up-codes = Choose how codes reach us

next-now = Right now
# The client's sign-in asked for a code, so the one that we do now may make the website send another.
code-may-reach-you = A code may reach you in the next minutes, because we sign in by ourselves. Ignore it, or enter it here when this page asks for it.
proof-waiting = In a moment we sign in by ourselves.
proof-signing-in = Signing in by ourselves…
proof-awaiting-code =
    .title = The website asks us for a code
    .advice = It should have reached you by now. You can give it to us here.
enter-code-here = Enter the code
proof-works = Works without you
proof-collecting = Looking for your bills…
proof-collected = Your bills were found
proof-cut-short =
    .title = Some of your bills were found
    .advice = The website ended the session, or it took too long. We go on by ourselves: there is nothing for you to do.
proof-no-bills =
    .title = There are no bills in this account so far
    .advice = Bills are collected once they come out. If you expected some here, sign in with the account that has them.
proof-no-bills-yet =
    .title = No bills were found so far
    .advice = We look into it. There is nothing for you to do.
proof-stopped =
    .title = Bills are no longer collected here
    .advice = This connection was switched off or removed by whom it was made for. We do not sign in any more.
accounts-found = Accounts
bills-found = Bills
# Both are numbers of bills; the second grows while we look.
# $found (String) - those that we have
# $expected (String) - those that we know of
bills-of = { $found } of { $expected }
goes-on-without-page = This page is no longer kept up to date. Everything goes on without it.
check-again = Check again
sign-in-again = Sign in once more
next-days =
    .when = Within a few days
# $organization (String) - its name, or unnamed-organization
next-days-what = Your bills reach { $organization }.
next-later =
    .when = From then on
# $organization (String) - its name, or unnamed-organization
next-later-what = New bills are collected as they come out. If your help is ever needed, { $organization } gets in touch.
unattended-password =
    .title = The website refused the password
    .advice = It was sent once and is not sent again: you will be asked to sign in once more.
unattended-locked =
    .title = The website has locked the account
    .advice = Once it is unlocked there, you will be asked to sign in once more.
unattended-new-password =
    .title = The website wants a new password
    .advice = Once you have chosen one there, you will be asked to sign in once more.
unattended-code =
    .title = The website asks for a code, which only you get
    .advice = You will be asked for one when it is needed.
unattended-question =
    .title = The website asks something that only you can answer
    .advice = You will be asked when the answer is needed.
unattended-captcha =
    .title = The website wants to see that a person signs in
    .advice = We look into it, and you will be asked if your help is needed.
unattended-unclear =
    .title = We cannot tell yet whether it works without you
    .advice = We look into it, and you will be asked if your help is needed.
unattended-down =
    .title = The website does not answer properly right now
    .advice = We try again by ourselves. There is nothing for you to do.
unattended-unreachable =
    .title = The website cannot be reached right now
    .advice = We try again by ourselves. There is nothing for you to do.
unattended-internal =
    .title = Something went wrong on our side
    .advice = We try again by ourselves. There is nothing for you to do.
another-account = Do you have an account with another utility?
add-more-data = Add more data


## Pages that say one thing

link-invalid =
    .title = This link can no longer be used
    .text = It may have expired, or part of its address is missing.
    .advice = Please ask for a new link. It only takes a moment to make one.
link-used =
    .title = This link was already used
    .text = The utility account is connected, so there is nothing left to do here.
    .advice = To connect another account, please ask for a new link.
code-over =
    .title = No code is needed here any more
    .text = This page was for one code and has had its day, or part of its address is missing. If your help is needed again, you will get another mail.
link-busy =
    .title = This link is open in several places
    .advice = Choose “Cancel and leave” in the other windows, or close them, then try again.
link-repaired =
    .title = Everything works again
    .text = The connection that this link was for works, so there is nothing left to do here.
flow-gone =
    .title = This session has ended
    .text = If you saw the thanks page, your account is connected and there is nothing left to do.
    .advice = Otherwise nothing was saved: open your link again to start over.
left =
    .title = You have left
    .text = What you had not finished was not saved. You can close this page.
    .advice = If you change your mind: a link that has connected nothing yet can be opened again.
left-connected =
    .title = Your utility account is connected
    .text = You have left. What you had not finished after that was not saved. You can close this page.
finish-used =
    .title = This link was used in the meantime
    .text = The account was connected from another window or by somebody else. What you did here was not saved.
    .advice = You can close this page.
finish-refused =
    .title = This link was taken back
    .text = Whoever sent it to you took it back in the meantime, so what you had not finished was not saved.
    .advice = If you still want to connect your account, please ask for a new link.
not-found =
    .title = There is no page at this address
    .advice = Check that the whole link was copied, or ask for it again.
not-understood =
    .title = This request was not understood
    .advice = Open your link again and continue from there.
other-website =
    .title = This was sent by another website
    .advice = For your safety nothing was done. Open your link again and continue from there.
too-many =
    .title = Too many attempts
    .advice = Please wait a minute, then try again.
unavailable =
    .title = We cannot be reached right now
    .advice = Please try again in a minute.
broken =
    .title = Something went wrong on our side
    .advice = Please try again in a minute.

# A mail address follows.
# $organization (String) - its name
organization-can-help = { $organization } can help:
# $organization (String) - its name
sender-at-can-help = The person at { $organization } who sent you the link can help.
sender-can-help = The person who sent you the link can help.


## The page for a code

# $host (String) - the website's host
code-page-title = Enter the code from { $host }
# $organization (String) - its name, or unnamed-organization
# $host (String) - the website's host
code-page-lead = { $organization } is signing in to { $host } to collect your bills, and the website asks for a code that only you get.
code-page-trying = Thank you. Signing in with the code…
code-page-again = Signing in again. In a moment the website sends another code, which you can enter here.
code-page-accepted =
    .title = Thank you, the code was accepted
    .text = Your bills are being collected. You can close this page.
code-page-over =
    .title = This code is no longer waited for
    .text = The website was waited for long enough, or asks for no code now. You can have the website send another code when it suits you: then enter it here within ten minutes.
send-another-code = Send another code now
code-fact-sealed = What you enter is encrypted in this page, typed into the website, and not kept.


## Mail

# Takes the place of the organization's name at the start of a sentence when the name is not known.
unnamed-sender = The organization that collects your utility bills
# Takes the place of a website's host where the link names none.
unnamed-website = your utility's website

# The line below the button of a mail: the address follows.
mail-address-hint = If the button does not work, copy this address into your browser:
# $organization (String) - its name
mail-questions = Questions? Write to { $organization }:
mail-questions-reply = Questions? Ask the person who told you to expect this mail.

# $host (String) - the website's host
mail-sign-in-again-subject = Please sign in to { $host } again
# $host (String) - the website's host
mail-sign-in-again-heading = Please sign in to { $host } again
# $organization (String) - its name
# $company (String) - its name
# $host (String) - the website's host
mail-sign-in-again-lead = { $organization } can no longer collect the bills of { $company } from { $host }. Please sign in once more. It takes about two minutes.
# $organization (String) - its name
mail-sign-in-again-after = You sign in at the website itself, and nobody at { $organization } sees your password. Bills then arrive again by themselves.
# $organization (String) - its name
# $host (String) - the website's host
mail-sign-in-again-why = You get this mail because you are named as the owner of the { $host } account that { $organization } collects bills from.
# $subject (String) - of the first mail
mail-reminder = Reminder: { $subject }
# $day (String) - such as 3 May 2026
mail-reminder-since = No bills have come since { $day }. Only you can change that.
mail-button = Sign in again
mail-link-is-yours = This link is meant for you alone. It ends by itself once the bills can be collected again.
mail-unsubscribe = No more reminders

# $host (String) - the website's host
mail-code-subject = { $host } asks for a code
# $host (String) - the website's host
mail-code-heading = { $host } asks for a code
# $organization (String) - its name
# $company (String) - its name
# $host (String) - the website's host
mail-code-lead = { $organization } is signing in to { $host } for the bills of { $company }, and the website asks for a code that only you get.
mail-code-button = Enter the code
mail-code-time = It is waited for ten minutes. Later you can ask for another code on the same page.
# $organization (String) - its name
# $host (String) - the website's host
mail-code-why = You get this mail because codes of the { $host } account that { $organization } collects bills from come to you.

# $organization (String) - its name
mail-link-subject = Connect your utility account for { $organization }
# $organization (String) - its name
# $host (String) - the website's host
mail-link-subject-website = Connect your { $host } account for { $organization }
mail-link-heading = Connect your utility account
# $host (String) - the website's host
mail-link-heading-website = Connect your { $host } account
# $organization (String) - its name
# $company (String) - its name
mail-link-lead = { $organization } collects the utility bills of { $company } automatically, so that you need not send them any more. For that, please connect the account once: it takes about two minutes.
# $organization (String) - its name
mail-link-how = You sign in at the utility's own website, with the user name and password that you use there. Nobody at { $organization } sees your password.
# $organization (String) - its name
mail-link-after = The first bills reach { $organization } within a few days. There is nothing else for you to do.
mail-link-button = Connect the account
# $day (String) - such as 3 May 2026
mail-link-ends = The link works until the end of { $day } (UTC).
mail-link-forward = If somebody else has the user name and password, just forward this mail to them.
# $organization (String) - its name
mail-link-why = { $organization } asked for this link to be sent to you. If you do not know why, you can ignore it: without you nothing happens.

# $organization (String) - its name
# $company (String) - its name
# $host (String) - the website's host
mail-update-lead = { $organization } asks you to sign in to { $host } once more, so that the bills of { $company } can be collected. It takes about two minutes.

# $host (String) - the website's host
mail-connected-subject = Your { $host } account is connected
# $host (String) - the website's host
mail-connected-heading = Your { $host } account is connected
# $organization (String) - its name
# $company (String) - its name
# $host (String) - the website's host
mail-connected-lead = Thank you. { $organization } now collects the bills of { $company } from { $host } by itself. There is nothing else for you to do.
# $organization (String) - its name
mail-connected-later = If the website ever asks for something that only you can answer, for example after you changed the password, you get a mail from { $organization } with a link.
# $organization (String) - its name
# $host (String) - the website's host
mail-connected-why = You get this mail once, because you are named as the owner of the { $host } account that was connected for { $organization }. If that was not you, please say so.

# $organization (String) - its name
mail-invitation-subject = You are invited to the console of { $organization }
mail-invitation-heading = You are invited
# $name (String) - of the person who is invited
# $organization (String) - its name
mail-invitation-lead = Hello { $name }, you have been added to the team of { $organization }. In the console you see the utility connections of its clients. Choose a password to begin.
mail-invitation-button = Choose a password
mail-invitation-after = The invitation works once, within seven days. It is meant for you alone, so please do not forward it.
# $organization (String) - its name
mail-invitation-why = An owner of { $organization } entered this address in its console. If you do not know why, you can ignore this mail.

# $host (String) - the endpoint's host
mail-webhook-off-subject = The webhook endpoint at { $host } was switched off
# $host (String) - the endpoint's host
mail-webhook-off-heading = Webhooks no longer reach { $host }
mail-webhook-off-failing = The endpoint took nothing that it was sent for days, so it was switched off. Nothing is sent to it until somebody switches it on again.
mail-webhook-off-gone = The endpoint answered that it is gone (410), so it was switched off. Nothing is sent to it until somebody switches it on again.
mail-webhook-off-after = What was not delivered is kept for a while and can be sent again from the console once the endpoint works.
mail-webhook-off-button = Look at the endpoint
# $organization (String) - its name
mail-webhook-off-why = You get this mail because you are an owner of { $organization }.


## The page that ends reminders

# $organization (String) - its name
unsubscribe-title = Stop reminders from { $organization }?
unsubscribe-title-unnamed = Stop these reminders?
unsubscribe-text = You will not be reminded again. If something new needs you, one mail still tells you.
unsubscribe-button = Stop reminders
unsubscribed =
    .title = You get no more reminders
    .text = If something new needs you, one mail still tells you. You can close this page.
subscribe-again = Send me reminders again
subscribed-again = You get reminders again.
unsubscribe-over =
    .title = This address is not complete
    .text = Part of it is missing, or it is not from one of our mails. Please use the link at the end of the mail.


## Countries (CLDR 48), in the order in which the language sorts them

country-AF = Afghanistan
country-AX = Åland Islands
country-AL = Albania
country-DZ = Algeria
country-AS = American Samoa
country-AD = Andorra
country-AO = Angola
country-AI = Anguilla
country-AQ = Antarctica
country-AG = Antigua & Barbuda
country-AR = Argentina
country-AM = Armenia
country-AW = Aruba
country-AU = Australia
country-AT = Austria
country-AZ = Azerbaijan
country-BS = Bahamas
country-BH = Bahrain
country-BD = Bangladesh
country-BB = Barbados
country-BY = Belarus
country-BE = Belgium
country-BZ = Belize
country-BJ = Benin
country-BM = Bermuda
country-BT = Bhutan
country-BO = Bolivia
country-BA = Bosnia & Herzegovina
country-BW = Botswana
country-BV = Bouvet Island
country-BR = Brazil
country-IO = British Indian Ocean Territory
country-VG = British Virgin Islands
country-BN = Brunei
country-BG = Bulgaria
country-BF = Burkina Faso
country-BI = Burundi
country-KH = Cambodia
country-CM = Cameroon
country-CA = Canada
country-CV = Cape Verde
country-BQ = Caribbean Netherlands
country-KY = Cayman Islands
country-CF = Central African Republic
country-TD = Chad
country-CL = Chile
country-CN = China
country-CX = Christmas Island
country-CC = Cocos (Keeling) Islands
country-CO = Colombia
country-KM = Comoros
country-CG = Congo - Brazzaville
country-CD = Congo - Kinshasa
country-CK = Cook Islands
country-CR = Costa Rica
country-CI = Côte d’Ivoire
country-HR = Croatia
country-CU = Cuba
country-CW = Curaçao
country-CY = Cyprus
country-CZ = Czechia
country-DK = Denmark
country-DJ = Djibouti
country-DM = Dominica
country-DO = Dominican Republic
country-EC = Ecuador
country-EG = Egypt
country-SV = El Salvador
country-GQ = Equatorial Guinea
country-ER = Eritrea
country-EE = Estonia
country-SZ = Eswatini
country-ET = Ethiopia
country-FK = Falkland Islands
country-FO = Faroe Islands
country-FJ = Fiji
country-FI = Finland
country-FR = France
country-GF = French Guiana
country-PF = French Polynesia
country-TF = French Southern Territories
country-GA = Gabon
country-GM = Gambia
country-GE = Georgia
country-DE = Germany
country-GH = Ghana
country-GI = Gibraltar
country-GR = Greece
country-GL = Greenland
country-GD = Grenada
country-GP = Guadeloupe
country-GU = Guam
country-GT = Guatemala
country-GG = Guernsey
country-GN = Guinea
country-GW = Guinea-Bissau
country-GY = Guyana
country-HT = Haiti
country-HM = Heard & McDonald Islands
country-HN = Honduras
country-HK = Hong Kong SAR China
country-HU = Hungary
country-IS = Iceland
country-IN = India
country-ID = Indonesia
country-IR = Iran
country-IQ = Iraq
country-IE = Ireland
country-IM = Isle of Man
country-IL = Israel
country-IT = Italy
country-JM = Jamaica
country-JP = Japan
country-JE = Jersey
country-JO = Jordan
country-KZ = Kazakhstan
country-KE = Kenya
country-KI = Kiribati
country-KW = Kuwait
country-KG = Kyrgyzstan
country-LA = Laos
country-LV = Latvia
country-LB = Lebanon
country-LS = Lesotho
country-LR = Liberia
country-LY = Libya
country-LI = Liechtenstein
country-LT = Lithuania
country-LU = Luxembourg
country-MO = Macao SAR China
country-MG = Madagascar
country-MW = Malawi
country-MY = Malaysia
country-MV = Maldives
country-ML = Mali
country-MT = Malta
country-MH = Marshall Islands
country-MQ = Martinique
country-MR = Mauritania
country-MU = Mauritius
country-YT = Mayotte
country-MX = Mexico
country-FM = Micronesia
country-MD = Moldova
country-MC = Monaco
country-MN = Mongolia
country-ME = Montenegro
country-MS = Montserrat
country-MA = Morocco
country-MZ = Mozambique
country-MM = Myanmar (Burma)
country-NA = Namibia
country-NR = Nauru
country-NP = Nepal
country-NL = Netherlands
country-NC = New Caledonia
country-NZ = New Zealand
country-NI = Nicaragua
country-NE = Niger
country-NG = Nigeria
country-NU = Niue
country-NF = Norfolk Island
country-KP = North Korea
country-MK = North Macedonia
country-MP = Northern Mariana Islands
country-NO = Norway
country-OM = Oman
country-PK = Pakistan
country-PW = Palau
country-PS = Palestinian Territories
country-PA = Panama
country-PG = Papua New Guinea
country-PY = Paraguay
country-PE = Peru
country-PH = Philippines
country-PN = Pitcairn Islands
country-PL = Poland
country-PT = Portugal
country-PR = Puerto Rico
country-QA = Qatar
country-RE = Réunion
country-RO = Romania
country-RU = Russia
country-RW = Rwanda
country-WS = Samoa
country-SM = San Marino
country-ST = São Tomé & Príncipe
country-SA = Saudi Arabia
country-SN = Senegal
country-RS = Serbia
country-SC = Seychelles
country-SL = Sierra Leone
country-SG = Singapore
country-SX = Sint Maarten
country-SK = Slovakia
country-SI = Slovenia
country-SB = Solomon Islands
country-SO = Somalia
country-ZA = South Africa
country-GS = South Georgia & South Sandwich Islands
country-KR = South Korea
country-SS = South Sudan
country-ES = Spain
country-LK = Sri Lanka
country-BL = St. Barthélemy
country-SH = St. Helena
country-KN = St. Kitts & Nevis
country-LC = St. Lucia
country-MF = St. Martin
country-PM = St. Pierre & Miquelon
country-VC = St. Vincent & Grenadines
country-SD = Sudan
country-SR = Suriname
country-SJ = Svalbard & Jan Mayen
country-SE = Sweden
country-CH = Switzerland
country-SY = Syria
country-TW = Taiwan
country-TJ = Tajikistan
country-TZ = Tanzania
country-TH = Thailand
country-TL = Timor-Leste
country-TG = Togo
country-TK = Tokelau
country-TO = Tonga
country-TT = Trinidad & Tobago
country-TN = Tunisia
country-TR = Türkiye
country-TM = Turkmenistan
country-TC = Turks & Caicos Islands
country-TV = Tuvalu
country-UM = U.S. Outlying Islands
country-VI = U.S. Virgin Islands
country-UG = Uganda
country-UA = Ukraine
country-AE = United Arab Emirates
country-GB = United Kingdom
country-US = United States
country-UY = Uruguay
country-UZ = Uzbekistan
country-VU = Vanuatu
country-VA = Vatican City
country-VE = Venezuela
country-VN = Vietnam
country-WF = Wallis & Futuna
country-EH = Western Sahara
country-YE = Yemen
country-ZM = Zambia
country-ZW = Zimbabwe
