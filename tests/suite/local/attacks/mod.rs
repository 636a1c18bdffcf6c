//! Attacks that need a booth of their own: its clock, its DynamoDB or its process. One file for each thing that an
//! attacker wants.
