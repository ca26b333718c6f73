//! Requests of many websites, and whether they may leave.

use url::Url;

use super::decide::{HeldKind, RequestCause, RequestDecision, RequestFacts, decide};

use RequestCause::{Document, PageItself, ReadingControl, Unknown};

fn url(path: &str) -> Url {
    Url::parse("https://my.utility.example/")
        .expect("a base")
        .join(path)
        .expect("a URL")
}

fn decision(
    method: &str,
    path: &str,
    body: Option<&str>,
    resource: &str,
    cause: RequestCause,
) -> RequestDecision {
    decide(&RequestFacts {
        method,
        url: &url(path),
        resource_type: resource,
        is_main_document: resource == "Document",
        body,
        has_body: body.is_some(),
        cause,
    })
}

fn passes(method: &str, path: &str, body: Option<&str>, resource: &str, cause: RequestCause) {
    assert_eq!(
        decision(method, path, body, resource, cause),
        RequestDecision::LetThrough,
        "{method} {path} {body:?} {cause:?}"
    );
}

fn held(
    method: &str,
    path: &str,
    body: Option<&str>,
    resource: &str,
    cause: RequestCause,
) -> HeldKind {
    match decision(method, path, body, resource, cause) {
        RequestDecision::Hold(kind) => kind,
        RequestDecision::LetThrough => panic!("let through: {method} {path} {body:?} {cause:?}"),
    }
}

#[test]
fn addresses_that_name_a_change_are_held_in_many_languages() {
    for path in [
        "/?action=delete",
        "/bills/12/delete",
        "/?do=cancelar",
        "/autopay/enroll",
        "/unsubscribe",
        "/unsubscribe?u=1",
        "/account/close-account",
        "/cancelService",
        "/logout",
        "/sign-out",
        "/user/log_out.do",
        "/x?cmd=remove&id=4",
        "/bills/delete/12",
        "/DeleteBill.aspx?id=3",
        "/?unsubscribe",
        "/a?delete=7",
        "/kuendigen",
        "/vertrag/k%C3%BCndigen",
        "/vertrag/loeschen",
        "/newsletter/abbestellen",
        "/?aktion=loeschen",
        "/contrat/resilier",
        "/contrat/r%C3%A9silier",
        "/compte/supprimer",
        "/?action=annuler",
        "/cuenta/eliminar",
        "/suscripcion/cancelar",
        "/?accion=borrar",
        "/conto/disdetta",
        "/conto/elimina",
        "/?azione=annulla",
        "/conta/excluir",
        "/?acao=apagar",
        "/contract/opzeggen",
        "/mijn/verwijderen",
        "/umowa/wypowiedz",
        "/konto/usun",
        "/avtal/avsluta",
        "/konto/radera",
        "/aftale/opsig",
        "/konto/slet-konto",
        "/avtale/avslutt",
        "/sopimus/irtisano",
        "/tili/poista",
        "/smlouva/vypovedet",
        "/ucet/smazat",
        "/ucet/zru%C5%A1it",
        "/pay",
        "/paynow",
        "/make-payment",
        "/autopay/turn-off",
        "/paperless/enable",
        "/profile/edit",
        "/account/update",
        "/startService",
        "/stop-service?x=1",
        "/transfer_service",
        "/add-user",
        "/app#/account/delete",
        "/x?_method=DELETE",
        "/checkout",
        "/bills/3/dispute",
        "/messages/4/markAsRead",
        "/x?handler=Delete",
        "/x?op=save",
        "/x?task=payment.cancel",
        "/user/reset-password",
        "/x?confirm=yes",
        "/index.php/contract/terminate/7",
    ] {
        assert_eq!(
            held("GET", path, None, "Document", ReadingControl),
            HeldKind::Address,
            "{path}"
        );
        assert_eq!(
            held("GET", path, None, "Document", PageItself),
            HeldKind::Address,
            "{path}"
        );
        assert_eq!(
            held("GET", path, None, "XHR", Unknown),
            HeldKind::Address,
            "{path}"
        );
        assert_eq!(
            held("GET", path, None, "Image", Document),
            HeldKind::Address,
            "{path}"
        );
        // What a page asks for while it loads is its own business.
        passes("GET", path, None, "XHR", PageItself);
    }
}

#[test]
fn addresses_that_read_are_let_through() {
    for path in [
        "/",
        "/home",
        "/bills",
        "/billing-history",
        "/?action=view",
        "/bills/12/pdf",
        "/bill-pay/history",
        "/payments",
        "/payment-history",
        "/pay-history",
        "/orders/history",
        "/order-history?order=desc",
        "/x?sort=date&orderBy=asc",
        "/x?q=delete",
        "/start",
        "/startpage",
        "/app#/bills",
        "/x?cancelUrl=/home",
        "/documents/subscription-agreement.pdf",
        "/statement?format=pdf&download=1",
        "/account/overview",
        "/x?status=cancelled",
        "/usage/compare?from=2025-01-01",
        "/download.aspx?id=7&type=bill",
        "/api/bills/list?page=2",
        "/rechnungen/2026",
        "/mes-factures?annee=2025",
        "/ver-factura?id=3",
        "/x?delete=0",
        "/x?action=download",
        "/x?cmd=list",
        "/settings/language",
        "/change-log",
        "/set-list",
        "/postfach",
        "/Posteingang",
        "/dokumente?typ=rechnung",
        "/updates",
        "/address-book",
        "/moved-permanently",
        "/plans",
        "/contracts",
        "/x?mode=view",
        "/x?step=2",
        "/x?type=order",
        "/request-history",
        "/abrechnung",
        "/b/deleted-scenes",
    ] {
        for cause in [PageItself, ReadingControl, Document, Unknown] {
            passes("GET", path, None, "Document", cause);
        }
    }
    passes(
        "GET",
        "/static/icons/delete.svg",
        None,
        "Image",
        ReadingControl,
    );
    passes("GET", "/static/pay.js", None, "Script", ReadingControl);
    passes("OPTIONS", "/api/bills", None, "Preflight", Unknown);
}

#[test]
fn methods_that_change_are_held_after_a_press_and_not_while_a_page_loads() {
    for method in ["PUT", "PATCH", "DELETE", "PROPPATCH", "MKCOL"] {
        for cause in [ReadingControl, Document, Unknown] {
            assert_eq!(
                held(method, "/api/bills/7", None, "XHR", cause),
                HeldKind::Method
            );
        }
        passes(method, "/api/presence", None, "XHR", PageItself);
    }
    passes("PUT", "/api/session/refresh", None, "XHR", ReadingControl);
}

#[test]
fn posts_that_a_page_makes_by_itself_and_sign_ons_are_let_through() {
    passes("POST", "/api/bills", Some("{}"), "XHR", PageItself);
    passes(
        "POST",
        "/graphql",
        Some(r#"{"query":"mutation { markSeen }"}"#),
        "XHR",
        PageItself,
    );
    passes(
        "POST",
        "/anything",
        Some("SAMLResponse=abc"),
        "Document",
        PageItself,
    );
    for (path, body) in [
        ("/oauth/token", "grant_type=refresh_token&refresh_token=x"),
        ("/connect/token", "grant_type=authorization_code"),
        ("/saml/acs", "SAMLResponse=x&RelayState=y"),
        ("/signin-oidc", "code=x&state=y"),
        ("/session/keepalive", ""),
        ("/api/auth/refresh-token", "{}"),
        ("/extendSession", ""),
        ("/adfs/ls", "wa=wsignin1.0"),
    ] {
        for cause in [ReadingControl, Document, Unknown] {
            passes("POST", path, Some(body), "XHR", cause);
            passes("POST", path, Some(body), "Document", cause);
        }
    }
    held(
        "POST",
        "/oauth/revoke",
        Some("token=x"),
        "XHR",
        ReadingControl,
    );
    held(
        "POST",
        "/saml/logout",
        Some("SAMLRequest=x"),
        "Document",
        ReadingControl,
    );
}

#[test]
fn postbacks_of_lists_and_choices_are_let_through_after_a_reading_control() {
    for body in [
        "__EVENTTARGET=ctl00%24Main%24gvBills&__EVENTARGUMENT=Page%242&__VIEWSTATE=abc&ctl00%24Main%24chkPaperless=on&ctl00%24hdnDelete=1",
        "__EVENTTARGET=ctl00%24ddlYear&__EVENTARGUMENT=&__VIEWSTATE=abc&ctl00%24ddlYear=2025",
        "javax.faces.partial.ajax=true&javax.faces.source=form%3Abills&javax.faces.partial.execute=form&form%3Abills_first=10",
        "year=2025",
        "account=4402-118-2207&go=Show",
        "page=3&sort=date",
        "jahr=2024&submit=Anzeigen",
        "filter=open&btnSearch=Search",
        "annee=2025&valider_annee=",
        "{\"page\":2,\"size\":10}",
        "{\"accountId\":\"123\",\"year\":2025,\"action\":\"list\"}",
        "{\"status\":\"cancelled\"}",
        "--b\r\nContent-Disposition: form-data; name=\"year\"\r\n\r\n2025\r\n--b--",
    ] {
        passes(
            "POST",
            "/BillHistory.aspx",
            Some(body),
            "Document",
            ReadingControl,
        );
        passes("POST", "/bills", Some(body), "XHR", ReadingControl);
        passes("POST", "/download/file", Some(body), "Document", Document);
    }
    passes(
        "POST",
        "/bill/pdf",
        Some("csrf=t0k&document=4"),
        "Document",
        Document,
    );
}

#[test]
fn bodies_that_name_a_change_are_held_whatever_was_pressed() {
    for body in [
        "__EVENTTARGET=ctl00%24gv%24ctl03%24lnkDelete&__EVENTARGUMENT=",
        "__EVENTTARGET=gv&__EVENTARGUMENT=Delete%242",
        "javax.faces.source=form%3AcancelService",
        "action=delete&id=4",
        "do=kuendigen",
        "btnCancel=Cancel+my+service",
        "_method=delete",
        "_eventId=confirm",
        "intent=unsubscribe",
        "submit=Supprimer",
        "op=Eliminar",
        "autopay=on",
        "paperless=true",
        "newsletter=off&id=3",
        "unsubscribe=1",
        "{\"action\":\"enroll\"}",
        "{\"paperless\":true}",
        "{\"settings\":{\"autoPay\":false}}",
        "{\"op\":\"remove\",\"id\":3}",
        "{\"deleteAll\":true}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"bills.delete\",\"id\":1}",
        "--b\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nremove\r\n--b--",
        "form:j1:terminate=form:j1:terminate",
        "<s:Envelope><s:Body><CancelContract/></s:Body></s:Envelope>",
    ] {
        for cause in [ReadingControl, Document, Unknown] {
            assert_eq!(
                held("POST", "/page", Some(body), "XHR", cause),
                HeldKind::Body,
                "{body}"
            );
        }
    }
}

#[test]
fn graphql_and_calls_are_judged_by_their_operation() {
    for (body, reads) in [
        (
            r#"{"query":"query Bills { bills { id } }","operationName":"Bills"}"#,
            true,
        ),
        (r#"[{"query":"{ a }"},{"query":"{ b }"}]"#, true),
        (r#"{"query":"mutation Enroll { enroll }"}"#, false),
        (r#"[{"query":"{ a }"},{"query":"mutation { b }"}]"#, false),
        (
            r#"{"operationName":"X","extensions":{"persistedQuery":{"sha256Hash":"ab"}}}"#,
            false,
        ),
        (r#"{"id":"a1b2","variables":{}}"#, false),
        (r#"{"jsonrpc":"2.0","method":"bills.list","id":1}"#, true),
        (r#"{"jsonrpc":"2.0","method":"account.foo","id":1}"#, false),
    ] {
        for cause in [ReadingControl, Unknown] {
            let decided = decision("POST", "/graphql", Some(body), "XHR", cause);
            assert_eq!(
                decided == RequestDecision::LetThrough,
                reads,
                "{body} {cause:?}"
            );
        }
    }
}

#[test]
fn posts_of_which_nothing_is_known_are_held_and_reading_names_help() {
    for path in ["/api/bills", "/x", "/api/accounts/7/ebill", "/submit"] {
        held("POST", path, Some("{\"id\":7}"), "XHR", Unknown);
    }
    for path in [
        "/api/search",
        "/api/bills/list",
        "/getBills",
        "/bills/query",
        "/rechnungen/suche",
        "/api/v2/invoices/filter",
    ] {
        passes("POST", path, Some("{\"id\":7}"), "XHR", Unknown);
    }
    // A POST to such a collection makes something, whatever was pressed.
    for path in [
        "/api/subscriptions",
        "/payments",
        "/account/preferences",
        "/me/payment-methods",
        "/einstellungen",
    ] {
        held("POST", path, Some("{\"id\":7}"), "XHR", ReadingControl);
        passes(
            "POST",
            &format!("{path}/search"),
            Some("{\"id\":7}"),
            "XHR",
            ReadingControl,
        );
    }
    let unseen = RequestFacts {
        method: "POST",
        url: &url("/upload-form"),
        resource_type: "XHR",
        is_main_document: false,
        body: None,
        has_body: true,
        cause: ReadingControl,
    };
    assert_ne!(decide(&unseen), RequestDecision::LetThrough);
}

#[test]
fn beacons_are_held_and_hide_nothing() {
    for cause in [PageItself, ReadingControl] {
        assert_eq!(
            held("POST", "/collect", Some("x"), "Ping", cause),
            HeldKind::Beacon
        );
    }
    assert!(!HeldKind::Beacon.may_hide_bills() && HeldKind::Method.may_hide_bills());
}

/// Words and forms that were not at hand when the lists were made.
#[test]
fn other_websites_words_are_understood_too() {
    for (method, path, body) in [
        ("GET", "/portal/energie/vertraege/77/stornieren", None),
        (
            "GET",
            "/clients/espace/newsletter/desinscription.html",
            None,
        ),
        (
            "GET",
            "/oficina/contrato?operacion=rescindir&operation=anular",
            None,
        ),
        ("GET", "/servizi/bolletta-web/disattiva.jsp", None),
        ("GET", "/min-side/faktura/slett", None),
        ("GET", "/ucet/nastaveni?akce=vypnout", None),
        ("GET", "/ugyfel/kijelentkezes", None),
        (
            "POST",
            "/Account/Plan",
            Some("__EVENTTARGET=ctl00%24btnSwitchPlan&__EVENTARGUMENT="),
        ),
        ("POST", "/moj/konto", Some("akcja=zrezygnuj")),
        ("POST", "/eportal", Some("{\"command\":\"closeAccount\"}")),
        (
            "POST",
            "/svc",
            Some("{\"jsonrpc\":\"2.0\",\"method\":\"tariff_change\",\"params\":{}}"),
        ),
    ] {
        for cause in [ReadingControl, Unknown] {
            assert_ne!(
                decision(method, path, body, "XHR", cause),
                RequestDecision::LetThrough,
                "{path} {body:?}"
            );
        }
    }
    for (method, path, body) in [
        ("GET", "/oficina/facturas?operacion=consultar", None),
        (
            "POST",
            "/Account/Invoices",
            Some("__EVENTTARGET=ctl00%24pager%24next&__EVENTARGUMENT="),
        ),
        (
            "POST",
            "/eportal",
            Some("{\"command\":\"listInvoices\",\"year\":2024}"),
        ),
        (
            "POST",
            "/svc",
            Some("{\"jsonrpc\":\"2.0\",\"method\":\"get_invoices\",\"params\":{}}"),
        ),
    ] {
        passes(method, path, body, "XHR", ReadingControl);
    }
}
