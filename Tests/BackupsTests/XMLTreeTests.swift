import Foundation
import Testing

@testable import Backups

@Suite struct XMLTreeTests {
  @Test func namesTextAndAttributes() throws {
    let text =
      "\u{FEFF}<?xml version='1.0'?><a xmlns='urn:d' xmlns:o='urn:o' o:x='1&amp;2' y='3'>p<o:b>q&#65;"
      + "<![CDATA[<r>]]></o:b>s</a>"
    let root = try XMLTree.parse(Array(text.utf8))
    #expect(root.name == .init(namespace: "urn:d", local: "a"))
    #expect(root.attribute("x", ["urn:o"]) == "1&2")
    #expect(root.attribute("y", ["urn:o"]) == "3")
    #expect(root.text == "ps")
    #expect(root.first("b", ["urn:o"])?.text == "qA<r>")
  }

  /// One without data would end the process in the parser.
  @Test func processingInstructionsDoNoHarm() throws {
    let root = try XMLTree.parse(Array("<?x?><a><?y?>b<?z w?></a><?x?>".utf8))
    #expect(root.text.trimmingCharacters(in: .whitespaces) == "b")
  }

  @Test(arguments: [
    "<!DOCTYPE a><a/>", "<!doctype a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!ENTITY x 'y'></a>", "<a>", "<a></b>", "",
    "<a b:c='1'><x:y/></a>", "<a>&nbsp;</a>", "plain", "<?xml version='1.0' encoding='UTF-16'?><a/>", "<a>\0</a>",
    "<a>\u{1}</a>",
  ]) func refuses(_ text: String) {
    #expect(throws: XMLTree.Malformed.self) { try XMLTree.parse(Array(text.utf8)) }
  }

  @Test func refusesOtherEncodings() {
    let bomb = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"
    let wide = bomb.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    #expect(throws: XMLTree.Malformed.self) { try XMLTree.parse([0xff, 0xfe] + wide) }
    #expect(throws: XMLTree.Malformed.self) { try XMLTree.parse([0xff, 0x3c, 0x61]) }
  }

  @Test func isBoundedInDepthCountAndSize() {
    let deep = String(repeating: "<a>", count: 100_000)
    let wide = "<r>" + String(repeating: "<a/>", count: XMLTree.mostElements + 1) + "</r>"
    let long = "<r>" + String(repeating: " ", count: XMLTree.longest) + "</r>"
    for text in [deep, wide, long] {
      #expect(throws: XMLTree.Malformed.self) { try XMLTree.parse(Array(text.utf8)) }
    }
  }
}
