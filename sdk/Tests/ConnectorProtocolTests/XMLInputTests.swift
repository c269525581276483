import Foundation
import Testing

@testable import ConnectorProtocol

@Suite struct XMLInputTests {
  private func checked(_ text: String) throws -> String {
    String(decoding: try XMLInput.checked(Data(text.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    "<a/>", "<?xml version=\"1.0\"?><a/>", "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<a>?> < ?</a>",
    "<?xml version='1.0' encoding='us-ascii'?><a/>", "", "<", "<?", "?>",
  ])
  func whatDoesNoHarmStaysAsItIs(text: String) throws {
    #expect(try checked(text) == text)
  }

  /// The parser itself ends the process at the first of these.
  @Test func instructionsAreBlanked() throws {
    #expect(try checked("<?xml version='1.0'?><?x?><a><?y\nz?>b</a>") == "<?xml version='1.0'?>     <a>   \n   b</a>")
    #expect(try checked("<?x?><?xml version='1.0'?><a/>").trimmingCharacters(in: .whitespaces) == "<a/>")
    #expect(try checked("<?xml-stylesheet href='x'?><a/>").trimmingCharacters(in: .whitespaces) == "<a/>")
    #expect(try checked("<a><?never ends</a>") == "<a><?never ends</a>")
    // However many there are of it: in one pass.
    let long = String(repeating: "<?", count: 500_000)
    #expect(try checked(long) == long)
    // Not from the start of the data that the bytes are a part of.
    let part = Data("##<a><?x?></a>".utf8).dropFirst(2)
    #expect(String(decoding: try XMLInput.checked(part), as: UTF8.self) == "<a>     </a>")
  }

  @Test(arguments: [
    ("<!DOCTYPE a><a/>", "document type"), ("<!dOcTyPe a []>", "document type"),
    ("<a><!ENTITY x 'y'></a>", "document type"),
    ("<?never <!DOCTYPE a []><a/>", "document type"), ("<?xml version='1.0' encoding='UTF-7'?><a/>", "encoding"),
    ("<a>\0</a>", "UTF-8"),
  ])
  func whatCouldHideIsRefused(text: String, why: String) {
    let error = #expect(throws: XMLInput.Refused.self) { try checked(text) }
    #expect(error?.reason.contains(why) == true)
  }

  @Test func otherEncodingsAreRefused() throws {
    for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf32, .isoLatin1] {
      let data = try #require("<?xml version='1.0'?><ä/>".data(using: encoding))
      #expect(throws: XMLInput.Refused.self) { try XMLInput.checked(data) }
    }
  }
}
