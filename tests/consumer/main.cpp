#include <caplet/authority.hpp>
#include <caplet/open_store.hpp>

#include <cstdio>
#include <cstdlib>

int main(int, char** argv) {
  const caplet::Location location = caplet::locate([](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
  });
  const auto store = caplet::open_store(location);
  const caplet::SystemClock clock;
  const caplet::Verdict verdict = caplet::Authority(*store, clock).verify(argv[1]);
  std::puts(std::string(caplet::to_string(verdict.reason)).c_str());
  return verdict.valid() ? 0 : 1;
}
