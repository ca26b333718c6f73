//! The origin.

// Nothing from outside may end the program; tests may.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

pub mod accounts;
pub mod address_range;
pub mod api;
pub mod api_key;
pub mod api_types;
pub mod audit;
pub mod batch;
pub mod bill_csv;
pub mod bill_download;
pub mod bill_export;
pub mod blobs;
pub mod brand_push;
pub mod cli;
pub mod client_address;
pub mod clock;
pub mod codes;
pub mod collection;
pub mod companies;
pub mod company_fields;
pub mod config;
pub mod connections;
pub mod console;
pub mod core_dumps;
pub mod edge_api;
pub mod edge_push;
pub mod fields;
pub mod flow;
pub mod inbound;
pub mod jobs;
pub mod link_fields;
pub mod link_url;
pub mod links;
pub mod mail;
pub mod new_link;
#[cfg(test)]
mod odd_documents;
pub mod operator;
pub mod rate_limit;
pub mod registrable_domain;
pub mod serve;
pub mod signin;
pub mod single_sign_on;
pub mod spreadsheet;
pub mod store;
pub mod team;
pub mod text_values;
pub mod utilities;
pub mod vault;
pub mod version;
pub mod webhooks;
