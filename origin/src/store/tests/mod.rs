mod bills;
mod connections;
mod finish;
mod jobs;
mod links;
mod scoping;
