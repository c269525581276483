import Testing

@testable import Backups

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONNode { try JSONParser.parse(Array(text.utf8)) }

  @Test func everyKindOfValue() throws {
    let node = try parse(
      #" {"a": [1, -2.5e3, true, false, null], "b": {"c": "é\n\u00e9\ud83d\ude00\/"}, "d": "", "e": []} "#)
    #expect(
      node["a"] == .array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null]))
    #expect(node["b"]?["c"] == .string("é\né😀/"))
    #expect(node["e"]?.isBlank == true)
    #expect(node["a"]?.isBlank == false)
    #expect(try parse("[]") == .array([]))
  }

  @Test func whatShellsWriteWhenTheyRedirect() throws {
    let text = #"{"name": "Müller"}"#
    let units = Array(text.utf16)
    let little: [UInt8] = [0xff, 0xfe] + units.flatMap { unit -> [UInt8] in [UInt8(unit & 0xff), UInt8(unit >> 8)] }
    let big: [UInt8] = [0xfe, 0xff] + units.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 0xff)] }
    let marked: [UInt8] = [0xef, 0xbb, 0xbf] + Array(text.utf8)
    for bytes in [little, big, marked] {
      #expect(try JSONParser.parse(bytes)["name"] == .string("Müller"))
    }
  }

  @Test(arguments: [
    "", "{", "[1", #"{"a" 1}"#, #"{"a": 1,}"#, #"{"a": 1} x"#, #"{"a": 1, "a": 2}"#, #"["\q"]"#, #"["\ud800"]"#,
    #"["\u12"]"#, "[\"a\u{1}\"]", "[01x]", "[--1]", "[.5]", "[tru]", "[\"", "{\"a\":", "[1e]", "{1: 2}", "nul",
  ])
  func whatIsNoJSON(_ text: String) {
    #expect(throws: JSONParser.Malformed.self) { try parse(text) }
  }

  @Test func limitsHold() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONParser.Malformed.self) { try parse(deep) }
    let objects = String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70)
    #expect(throws: JSONParser.Malformed.self) { try parse(objects) }
    #expect(throws: JSONParser.Malformed.self) { try parse("[" + String(repeating: "1", count: 70) + "]") }
    #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse([0x5b, 0x22, 0xff, 0x22, 0x5d]) }
  }

  @Test func aFaultNamesItsLine() {
    do {
      _ = try parse("{\n\"a\": 1,\n\"b\": ?\n}")
      Issue.record("it was taken")
    } catch {
      #expect((error as? JSONParser.Malformed)?.reason.contains("line 3") == true)
    }
  }

  @Test func mutationsNeitherCrashNorHang() {
    var random = TestRandom(seed: 77)
    let sample = Array(#"{"a": [1, {"b": "x\u00e9\n"}], "c": {"d": [true, null, -1.5e10]}, "e": "text"}"#.utf8)
    var taken = 0
    for _ in 0..<1000 {
      if (try? JSONParser.parse(random.mutate(sample))) != nil { taken += 1 }
    }
    #expect(taken < 1000)
  }
}
