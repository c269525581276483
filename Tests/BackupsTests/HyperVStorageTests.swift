import Testing

@testable import Backups

@Suite struct HyperVStorageTests {
  private func refusal(_ storage: TestVMCX) -> String {
    do { _ = try HyperVStorage.parse(storage.bytes) } catch { return error.reason }
    return "nothing"
  }

  private var small: TestVMCX { TestVMCX(root: [("a", .node([("b", .node([("c", .text("x"))]))]))]) }

  @Test func valuesOfEveryKind() throws {
    let long = String(repeating: "é", count: 3000)
    let root = try HyperVStorage.parse(
      TestVMCX(root: [
        (
          "r",
          .node([
            ("text", .text("a\u{1F600}")), ("long", .text(long)), ("number", .integer(-5)), ("large", .unsigned(.max)),
            ("yes", .flag(true)), ("half", .double(0.5)), ("bytes", .bytes([1, 2])), ("empty", .text("")),
          ])
        )
      ]).bytes)
    #expect(root.text("r/text") == "a\u{1F600}" && root.text("R/LONG") == long)
    #expect(root.integer("r/number") == -5 && root.integer("r/large") == .max)
    #expect(root.flag("r/yes") == true && root.text("r/empty") == nil)
    #expect(root.leaves().count == 8)
  }

  @Test func theNewerHeaderCounts() throws {
    #expect(try HyperVStorage.parse(small.bytes).text("a/b/c") == "x")
    var other = small
    other.sequences = [9, 3]
    #expect(try HyperVStorage.parse(other.bytes).text("a/b/c") == "x")
  }

  @Test func filesThatAreRefused() {
    var other = small
    other.version = 0x300
    #expect(refusal(other).contains("version"))
    other = small
    other.logEntries = 3
    #expect(refusal(other).contains("not closed properly"))
  }

  /// The first key names the second for its parent, and the second the first.
  @Test func keysInACircle() {
    var storage = small
    storage.change = { table in
      let second: UInt8 = 10 + 21 + 2 + 12
      table[10 + 6] = 1
      table[10 + 8] = second
      #expect(table[Int(second) + 8] == 10)
    }
    #expect(refusal(storage).contains("in a circle"))
    storage.change = { $0.replaceSubrange(16..<22, with: [1, 0, 10, 0, 0, 0]) }
    #expect(refusal(storage).contains("in a circle"))
  }

  @Test func keysThatLeadAstray() {
    var storage = small
    storage.change = { $0[10 + 2] = 0xff }
    #expect(refusal(storage).contains("behind the end"))
    storage.change = { $0[10 + 20] = 0xff }
    #expect(refusal(storage).contains("no sensible name"))
    storage.change = { $0[10 + 2] = 5 }
    #expect(refusal(storage).contains("behind the end"))
  }

  @Test func nestedTooDeeply() {
    var value = TestVMCX.Value.text("x")
    for _ in 0..<40 { value = .node([("a", value)]) }
    #expect(refusal(TestVMCX(root: [("a", value)])).contains("too deeply"))
  }
}
