mod disbursement;
mod ledger;
mod mapper;
mod rail;
