/**
 * Passwords of 8 characters and more that lead every published list of leaked ones, in lower case. Runs and repetitions
 * (`12345678`, `aaaaaaaa`) are found by rule and need not be here.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5 zaq12wsx zaq1zaq1 qazwsxedc qwertyui qwertyuiop qwerty12
  qwerty123 qwerty1234 qwerty12345 qwertz123 qwertzuiop asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123 1234qwer
  123qweasd 123qwe123 qwe123qwe password password1 password12 password123 password1234 password12345 password! password1!
  password123! passw0rd passw0rd1 p@ssword p@ssw0rd p@ssw0rd1 p@$$w0rd passwort passwort1 passwort123 hallo123 hallo1234
  contraseña motdepasse azertyuiop changeme changeme1 changeme123 letmein1 letmein123 welcome1 welcome12 welcome123
  welcome2024 welcome2025 welcome2026 iloveyou iloveyou1 iloveyou2 iloveyou123 trustno1 football football1 baseball
  baseball1 basketball superman superman1 batman123 starwars starwars1 spiderman pokemon1 pokemon123 princess princess1
  sunshine sunshine1 michelle jennifer jessica1 charlie1 ashley123 michael1 jordan23 samantha elizabeth victoria
  alexander alexandra benjamin christian danielle nicholas stephanie veronica whatever computer internet samsung1
  dragon123 monkey123 master123 shadow123 killer123 freedom1 liverpool liverpool1 chelsea1 arsenal1 barcelona
  juventus manchester admin123 admin1234 admin12345 administrator administrator1 root1234 test1234 test12345 testtest
  testing1 testing123 guest123 user1234 login123 secret123 default1 access14 mustang1 corvette mercedes porsche911
  harley123 metallica blink182 fuckyou1 fuckyou2 asshole1 november december september february summer2024 summer2025
  summer2026 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 autumn2026 abcd1234 abc12345 abc123456
  a1234567 a12345678 a123456789 aa123456 aa12345678 1a2b3c4d 123abc123 123456abc 123456789a 12345678a 1234567890q
  123123123a 0987654321q 11223344 112233445566 1122334455 147258369 159753456 741852963 789456123 987654321a 0123456789a
  5201314520 woaini520 woaini1314 li123456 wang1234 zhang123 google123 facebook1 linkedin1 groundwork groundwork1
  groundwork123`.split(/\s+/),
);
