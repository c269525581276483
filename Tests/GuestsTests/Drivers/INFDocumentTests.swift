import Foundation
import Testing

@testable import Guests

@Suite("INF files")
struct INFDocumentTests {
  @Test("comments, quotes, strings and continued lines are understood")
  func syntax() {
    let document = INFDocument(
      """
      key = before any section
      [Main] ; the section
      Plain = a, "b, c" ,, %Name% ; not %this%
      Quoted = "semi;colon", "say ""hi""\"
      Folder = %12%\\drivers\\x.sys, %%SystemRoot%%
      Long = one, \\
        two, three
      path.with.backslash\\
      %Name% = models
      [MAIN]
      plain = second
      [Strings]
      Name = "Text; with = signs"
      name = "a second one is not taken"
      """)
    #expect(
      document.lines("main", key: "PLAIN").map(\.values) == [["a", "b, c", "", "Text; with = signs"], ["second"]])
    #expect(document.lines("Main", key: "quoted").first?.values == ["semi;colon", "say \"hi\""])
    #expect(document.lines("Main", key: "folder").first?.values == ["%12%\\drivers\\x.sys", "%SystemRoot%"])
    #expect(document.lines("Main", key: "long").first?.values == ["one", "two", "three"])
    #expect(document.lines("Main").contains { $0.key == nil && $0.values == ["path.with.backslash\\"] })
    #expect(document.value("main", "Text; with = signs") == "models")
    #expect(document.lines("nowhere").isEmpty)
    #expect(document.lines("main", key: "plain").first?.value(2) == nil)
  }

  @Test("every encoding that INF files come in gives the same text")
  func encodings() {
    let text = "[Version]\r\nProvider = \"Grüße\"\r\n"
    let units = Array(text.utf16)
    let little: [UInt8] = [0xff, 0xfe] + units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big: [UInt8] = [0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    let latin = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    for bytes in [little, big, latin, Array(text.utf8), [0xef, 0xbb, 0xbf] + Array(text.utf8)] {
      #expect(INFDocument(INFText.decode(bytes)).value("version", "provider") == "Grüße")
    }
    #expect(INFText.decode([]) == "")
    #expect(INFText.decode([0xff, 0xfe, 0x41]) == "")
  }

  @Test("no bytes make the reader fail")
  func hostile() {
    let whole = Array(DriverFixture.inf().utf8)
    var state: UInt64 = 7
    for _ in 0..<200 {
      var bytes = whole
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
      }
      _ = DriverFixture.driver(INFText.decode(bytes), for: DriverFixture.server2022)
    }
    for text in ["[", "]", "[]", "=", ",", "%", "%%", "\"", "[manufacturer]\n=,", "[manufacturer]\n%x%=", "\\"] {
      _ = DriverFixture.driver(text, for: DriverFixture.server2022)
    }
  }
}
