#include "core/clock.hpp"

#include <thread>

namespace caplet {

void Clock::wait_until(Instant moment) const {
  if (const Instant now = this->now(); now < moment) {
    std::this_thread::sleep_for(moment - now);
  }
}

} // namespace caplet
