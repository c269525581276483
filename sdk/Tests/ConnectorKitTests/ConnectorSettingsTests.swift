import ConnectorKit
import ConnectorProtocol
import Testing

private struct Settings: ConnectorSettings {
  var folder = ""
  var speed = "slow"

  init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
    for (name, value) in (connection.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      switch (name, Self.line(value)) {
      case ("folder", let text?): folder = text
      case ("speed", let text?) where ["slow", "fast"].contains(text): speed = text
      case ("speed", let text?): report(Self.choice(name, text, ["slow", "fast"]))
      case ("folder", nil), ("speed", nil): report(Self.problem(name, "It is no text."))
      default: report(Self.unknown(name))
      }
    }
  }
}

@Suite struct ConnectorSettingsTests {
  @Test func soundSettingsAreRead() throws {
    let settings = try Settings.read(["folder": "/m", "speed": "fast"])
    #expect(settings.folder == "/m")
    #expect(settings.speed == "fast")
  }

  @Test func allThatIsWrongIsToldAtOnce() throws {
    let error = #expect(throws: ConnectorError.self) {
      try Settings.read(["folder": 7, "speed": "average", "a/b~c": true])
    }
    #expect(error?.reason == .configInvalid)
    #expect(error?.outcome == Outcome.none)
    #expect(error?.diagnostics.map(\.at) == ["/a~1b~0c", "/folder", "/speed"])
    #expect(error?.diagnostics.last?.action == "Choose one of slow, fast.")
    #expect(error?.diagnostics.allSatisfy { $0.severity == .blocker && $0.code == "config.invalid" } == true)
  }

  @Test func aProblemOfTheWholePointsAtIt() {
    #expect(Settings.problem("", "It is no object.").at == "")
  }

  @Test(arguments: [
    (JSONValue.string("a b"), true), (.string(""), true), (.string("a\nb"), false), (.string("a\u{0}"), false),
    (.string(String(repeating: "a", count: 4097)), false), (.integer(1), false), (.null, false),
  ]) func linesOfText(value: JSONValue, isLine: Bool) {
    #expect((Settings.line(value) != nil) == isLine)
  }
}
