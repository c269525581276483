import Testing

@testable import Backups

@Suite struct VMXFileTests {
  private func parse(_ text: String) throws -> VMXFile { try VMXFile.parse(Array(text.utf8)) }

  @Test func quotingAndKeys() throws {
    let file = try parse(
      """
      #!/usr/bin/vmware
      DisplayName = "a |22b|22 |7C c|"
      bare = 7
        spaced\t=\t" x "   # said later
      empty = ""
      flag = "True"
      """)
    #expect(file["displayname"] == "a \"b\" | c|")
    #expect(file["BARE"] == "7" && file.number("bare") == 7)
    #expect(file["spaced"] == " x ")
    #expect(file["empty"] == nil && file.values["empty"] == "")
    #expect(file.flag("flag") == true && file.flag("bare") == nil)
  }

  @Test func encodings() throws {
    let western = try VMXFile.parse(Array(".encoding = \"windows-1252\"\nname = \"caf".utf8) + [0xe9, 0x22, 0x0a])
    #expect(western["name"] == "café")
    #expect(try parse(".encoding = \"UTF-8\"\nname = \"caf|C3|A9\"")["name"] == "café")
    #expect(try parse("\u{feff}name = \"é\"\r\nother = \"1\"\r\n")["other"] == "1")
    #expect(throws: VMXFile.Malformed.self) {
      try VMXFile.parse(Array(".encoding = \"UTF-8\"\nname = \"".utf8) + [0xff, 0xfe, 0x22])
    }
    #expect(throws: VMXFile.Malformed.self) { try parse(".encoding = \"EBCDIC\"\nname = \"x\"") }
  }

  @Test func theFirstOfTwoCounts() throws {
    let file = try parse("a = \"1\"\nA = \"2\"\n")
    #expect(file["a"] == "1")
    #expect(file.findings.count == 1)
  }

  @Test(arguments: ["no sign", "= \"x\"", "a = \"x", "a = \"x\" y", "a\u{0}b = 1", "two words = \"x\""])
  func linesThatAreNone(_ line: String) {
    #expect(throws: VMXFile.Malformed.self) { try parse(line) }
  }

  @Test(arguments: [
    ("debian12-64", "debian12_64Guest"), ("ubuntu-64", "ubuntu64Guest"), ("windows9srv-64", "windows9Server64Guest"),
    ("windows2019srv-64", "windows2019srv_64Guest"), ("rhel8-64", "rhel8_64Guest"), ("other-64", "otherGuest64"),
    ("otherlinux-64", "otherLinux64Guest"), ("windows9-64", "windows9_64Guest"), ("winxppro", "winXPProGuest"),
    ("oracleLinux8-64", "oracleLinux8_64Guest"), ("windows2022srvnext-64", "windows2022srvNext_64Guest"),
  ]) func guestNames(_ word: String, _ identifier: String) { #expect(VMXGuest.identifier(word) == identifier) }
}
