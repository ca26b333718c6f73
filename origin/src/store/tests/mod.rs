mod bills;
mod connections;
mod finish;
mod jobs;
mod links;
mod migrations;
mod scoping;
