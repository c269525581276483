import Foundation
import Testing

@testable import AWSClient

@Suite struct XMLReaderTests {
  private func parse(_ text: String, limits: XMLReader.Limits = XMLReader.Limits()) throws -> XMLElement {
    try XMLReader.parse(Data(text.utf8), limits: limits)
  }

  @Test func anAnswerIsRead() throws {
    let root = try parse(
      """
      \u{FEFF}<?xml version="1.0" encoding="UTF-8"?>
      <!-- of EC2 -->
      <ns:Answer xmlns:ns='http://ec2.amazonaws.com/doc/2016-11-15/' a = "x>y">
        <snapshotSet><item><snapshotId>snap-1</snapshotId><n>7</n></item><item/><item><yes>true</yes></item></snapshotSet>
        <text>a &lt;b&gt; &amp; &#x41;&#66;<![CDATA[<c>&]]></text><empty></empty>
      </ns:Answer >

      """)
    #expect(root.name == "Answer")
    #expect(root.items("snapshotSet").count == 3)
    #expect(root.at("snapshotSet/item")?.string("snapshotId") == "snap-1")
    #expect(root.at("snapshotSet/item")?.int("n") == 7)
    #expect(root.items("snapshotSet").last?.bool("yes") == true)
    #expect(root.string("text") == "a <b> & AB<c>&")
    #expect(root.string("empty") == nil)
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a>", "", "text",
    "<a>&undeclared;</a>", "<a>&#0;</a>", "<a>&#x110000;</a>", "<a>&amp</a>", "<a></b>", "<a/><b/>", "<a><!-- </a>",
    "<a b></a>", "<a b=c></a>", "<a b=\"</a>", "<a", "</a>", "<>", "<a>]]></a", "{\"a\": 1}", "<a><![CDATA[</a>",
    "<a/>text",
  ])
  func whatIsNoPlainDocumentIsRefused(_ text: String) {
    #expect(throws: XMLReader.Fault.self) { try parse(text) }
  }

  @Test func boundsHold() {
    let deep = String(repeating: "<a>", count: 80) + String(repeating: "</a>", count: 80)
    #expect(throws: XMLReader.Fault.self) { try parse(deep) }
    let wide = "<a>" + String(repeating: "<b/>", count: 50) + "</a>"
    #expect(throws: XMLReader.Fault.self) { try parse(wide, limits: .init(elements: 10)) }
    #expect(throws: XMLReader.Fault.self) { try parse(wide, limits: .init(bytes: 10)) }
  }

  /// Every beginning of a document, and every document with one byte changed, ends in a tree or in a fault.
  @Test func noDocumentTraps() {
    let whole = Array("<a b='c'><d>e &amp; f</d><!-- g --><![CDATA[h]]><i/></a>".utf8)
    for end in 0..<whole.count { _ = try? XMLReader.parse(Data(whole[..<end])) }
    for place in whole.indices {
      for byte in [0, 0x21, 0x26, 0x2F, 0x3B, 0x3C, 0x3E, 0x5B, 0xFF] as [UInt8] {
        var changed = whole
        changed[place] = byte
        _ = try? XMLReader.parse(Data(changed))
      }
    }
  }
}
