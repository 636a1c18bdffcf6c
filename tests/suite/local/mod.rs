//! What needs a booth of its own: its clock, its DynamoDB, its process.
