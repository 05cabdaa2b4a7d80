# Asks Crypt::JWT: tests/jwt/README.txt.
use strict;
use warnings;
use Crypt::JWT qw(decode_jwt);
use JSON::PP qw(decode_json);

my $asked = do { local $/; decode_json(<STDIN>) };
for my $token (@{ $asked->{tokens} }) {
  my $audience = $asked->{audience};
  my $claims = eval {
    decode_jwt(
      token        => $token,
      kid_keys     => $asked->{jwks},
      accepted_alg => 'EdDSA',
      verify_iss   => sub { $_[0] eq $asked->{issuer} },
      verify_aud   => sub { grep { $_ eq $audience } ref $_[0] ? @{ $_[0] } : $_[0] },
      verify_exp   => undef,
      verify_nbf   => undef,
      verify_iat   => undef,
    );
  };
  my $why = $@;
  $why =~ s/\s+/ /g;
  print $claims ? "yes\n" : "no $why\n";
}
