#include "core/network.hpp"
#include "tests/core/refusal.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace caplet;
using namespace caplet::test;

TEST_CASE("addresses are read strictly and written one way") {
  const std::vector<std::pair<std::string, std::string>> good{
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
      {"::", "::"},
      {"::ffff:192.0.2.1", "192.0.2.1"}, // as a dual-stack server sees it
      {"::ffff:c000:201", "192.0.2.1"},
  };
  for (const auto& [text, written] : good) {
    INFO(text);
    const auto address = parse_address(text);
    REQUIRE(address);
    CHECK(to_text(*address) == written);
  }
  for (const std::string& bad :
       {std::string(), std::string("localhost"), std::string("192.0.2"), std::string("192.0.2.256"), std::string("1"),
        std::string("0x7f.0.0.1"), std::string("192.0.2.1:80"), std::string("[::1]"), std::string("fe80::1%eth0"),
        std::string("192.0.2.1/32"), std::string(" 192.0.2.1"), std::string("192.0.2.1\n"), std::string("::1\0", 4),
        std::string(200, '1'), std::string("1::2::3")}) {
    INFO(bad);
    CHECK_FALSE(parse_address(bad));
  }
}

TEST_CASE("which networks hold which addresses") {
  struct Row {
    std::string network, address;
    bool inside;
  };
  const std::vector<Row> rows{
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "203.0.113.9", false},
      {"::/0", "::ffff:203.0.113.9", false},
      {"fd00::/8", "fdff::1", true},
      {"fd00::/8", "fe00::1", false},
      {"2001:db8::/127", "2001:db8::1", true},
      {"2001:db8::/127", "2001:db8::2", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
  };
  for (const Row& row : rows) {
    INFO(row.network << " and " << row.address);
    CHECK(parse_network(row.network).contains(*parse_address(row.address)) == row.inside);
  }
  CHECK(parse_network("10.0.0.0/8").contains(parse_network("10.1.0.0/16")));
  CHECK(parse_network("10.0.0.0/8").contains(parse_network("10.0.0.0/8")));
  CHECK_FALSE(parse_network("10.1.0.0/16").contains(parse_network("10.0.0.0/8")));
  CHECK_FALSE(parse_network("0.0.0.0/0").contains(parse_network("::/0")));
}

TEST_CASE("networks are read strictly and written one way") {
  CHECK(to_text(parse_network("10.0.0.0/8")) == "10.0.0.0/8");
  CHECK(to_text(parse_network("192.0.2.1/32")) == "192.0.2.1");
  CHECK(to_text(parse_network("FD00::/8")) == "fd00::/8");
  CHECK(to_text(parse_network("::ffff:10.0.0.0/104")) == "10.0.0.0/8");
  for (const std::string bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8 ", "::/129",
                                "10.0.0.0/8/8", "x/8", "/8", "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(refusal_of([&] { parse_network(bad); }).empty());
  }
  CHECK(refusal_of([] { parse_network("10.0.0.1/8"); }) == "the network \"10.0.0.1/8\" has bits set behind its mask");
}
