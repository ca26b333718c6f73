//! How any operation may be answered, for the OpenAPI document: each names all of its answers.

use utoipa::{
    Modify, ToSchema as _,
    openapi::{
        Content, Header, Object, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type,
        path::Operation,
    },
};

use super::problem::ProblemBody;

/// The media type of a problem.
const PROBLEM: &str = "application/problem+json";

/// A status that is answered alike everywhere.
struct CommonAnswer {
    status: &'static str,
    /// Its name among the components of the document.
    name: &'static str,
    description: &'static str,
    of: Of,
}

/// Which operations may be answered so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    /// Those whose body is read.
    WithBody,
}

const ANSWERS: [CommonAnswer; 8] = [
    CommonAnswer {
        status: "400",
        name: "NotJson",
        description: "The body is not a JSON object",
        of: Of::WithBody,
    },
    CommonAnswer {
        status: "401",
        name: "NoValidKey",
        description: "No API key was sent, or one that is not valid here and now",
        of: Of::All,
    },
    CommonAnswer {
        status: "413",
        name: "TooLarge",
        description: "The body is too large",
        of: Of::WithBody,
    },
    CommonAnswer {
        status: "415",
        name: "NotSentAsJson",
        description: "The body was not sent as `application/json`",
        of: Of::WithBody,
    },
    CommonAnswer {
        status: "421",
        name: "OtherHost",
        description: "This is not the host name of the API",
        of: Of::All,
    },
    CommonAnswer {
        status: "429",
        name: "TooMany",
        description: "Too many calls with this key: come again after `Retry-After` seconds",
        of: Of::All,
    },
    CommonAnswer {
        status: "500",
        name: "OurFault",
        description: "Something failed on our side",
        of: Of::All,
    },
    CommonAnswer {
        status: "503",
        name: "TooSlow",
        description: "It took too long: come again",
        of: Of::All,
    },
];

/// Adds to each operation the answers that it has in common with others.
pub(super) struct CommonAnswers;

impl Modify for CommonAnswers {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        for answer in ANSWERS {
            let response = response(&answer);
            components
                .responses
                .insert(answer.name.to_owned(), response.into());
        }
        for item in document.paths.paths.values_mut() {
            let all = [
                &mut item.get,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in all.into_iter().filter_map(Option::as_mut) {
                let reads_body = operation.request_body.is_some();
                add_to(operation, reads_body);
            }
            if let Some(post) = &mut item.post {
                // What was sent as its body is read for the Idempotency-Key.
                add_to(post, true);
            }
        }
    }
}

fn add_to(operation: &mut Operation, reads_body: bool) {
    for answer in ANSWERS {
        if answer.of == Of::All || reads_body {
            let name = Ref::from_response_name(answer.name);
            let answers = &mut operation.responses.responses;
            answers
                .entry(answer.status.to_owned())
                .or_insert(RefOr::Ref(name));
        }
    }
}

fn response(answer: &CommonAnswer) -> Response {
    let problem = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
    let response = ResponseBuilder::new()
        .description(answer.description)
        .content(PROBLEM, problem);
    if answer.status != "429" {
        return response.build();
    }
    let seconds = Object::builder()
        .schema_type(Type::Integer)
        .minimum(Some(1));
    response.header("Retry-After", Header::new(seconds)).build()
}
