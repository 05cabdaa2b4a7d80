#include "cli/app.hpp"

int main(int argc, char** argv) { return caplet::run(argc, argv); }
