#include <caplet/authority.hpp>
#include <caplet/open_store.hpp>

#include <cstdio>

int main(int, char** argv) {
  const auto store = caplet::open_store(caplet::locate());
  const caplet::SystemClock clock;
  const caplet::Verdict verdict = caplet::Authority(*store, clock).verify(argv[1]);
  std::puts(std::string(caplet::to_string(verdict.reason)).c_str());
  return verdict.valid() ? 0 : 1;
}
