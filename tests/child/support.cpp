#include "tests/child/support.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

namespace caplet::test {
namespace {

namespace fs = std::filesystem;

} // namespace

std::string content_of(int fd) {
  std::string text(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  REQUIRE(::pread(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return text;
}

const SealedProgram& puppet() {
  static const Bytes bytes = read_program(fs::path(CAPLET_SHIM).replace_filename("test_puppet"));
  static const SealedProgram program("puppet", bytes, sha256(bytes));
  return program;
}

SealedProgram seal_script(const std::string& text) { return {"script", as_bytes(text), sha256(as_bytes(text))}; }

FunctionImage image_of(const SealedProgram& program, std::vector<std::string> words) {
  return {program, nullptr, std::move(words), {"PATH=/usr/bin:/bin"}};
}

Played play(const FunctionImage& image, const std::function<void(FunctionLaunch&)>& change) {
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd output(::memfd_create("output", MFD_CLOEXEC));
  const Fd errors(::memfd_create("errors", MFD_CLOEXEC));
  FunctionLaunch launch;
  launch.name = image.words.front();
  launch.image = [&] { return image; };
  launch.input = nothing.get();
  launch.output = output.get();
  launch.errors = errors.get();
  if (change) {
    change(launch);
  }
  FunctionProcess process(launch);
  process.release();
  Played played{process.run(), {}, {}};
  played.output = content_of(output.get());
  played.errors = content_of(errors.get());
  return played;
}

Played play(const SealedProgram& program, std::vector<std::string> words,
            const std::function<void(FunctionLaunch&)>& change) {
  return play(image_of(program, std::move(words)), change);
}

Played play_puppet(const std::string& mark, std::vector<std::string> words,
                   const std::function<void(FunctionLaunch&)>& change) {
  words.insert(words.begin(), {"puppet", mark});
  return play(puppet(), std::move(words), change);
}

std::string draw_mark() {
  std::random_device random;
  return "mark-" + std::to_string(random()) + "-" + std::to_string(random());
}

int count_marked(const std::string& mark) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const Fd file(::open((entry.path() / "cmdline").c_str(), O_RDONLY | O_CLOEXEC));
    std::string line(4096, '\0'); // to be read by hand: one that dies meanwhile is an error (ESRCH)
    const auto got = ::read(file.get(), line.data(), line.size());
    line.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    count += line.find(mark) != std::string::npos ? 1 : 0;
  }
  return count;
}

int survivors(const std::string& mark) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  int left = count_marked(mark);
  while (left > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    left = count_marked(mark);
  }
  return left;
}

int rounds(int usual) {
  const char* factor = std::getenv("CAPLET_STORM");
  return factor == nullptr ? usual : usual * std::atoi(factor);
}

} // namespace caplet::test
