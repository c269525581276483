import ConnectorProtocol
import Testing

@testable import Planning

@Suite("Conditions of rules")
struct RuleExpressionTests {
  private let facts = RuleFacts([
    "machine": ["cpuCount": 4, "name": "web1", "disks": [["sizeBytes": 10], ["sizeBytes": 20]], "tpm": true],
    "target": ["cpuMax": 2, "buses": ["nvme", "sata"], "share": .number(0.5)],
    "guest": ["version": "6.1", "empty": .null],
  ])

  @Test(
    "hold or do not",
    arguments: [
      ("machine.cpuCount > target.cpuMax", true),
      ("machine.cpuCount >= 4 and machine.cpuCount <= 4", true),
      ("machine.cpuCount < 4 or machine.name == 'web1'", true),
      ("not machine.name == \"web1\"", false),
      ("machine.tpm", true),
      ("not machine.tpm or machine.name != 'web1'", false),
      ("target.buses contains 'nvme'", true),
      ("'vmbus' in target.buses", false),
      ("machine.name in ['db1', 'web1']", true),
      ("machine.name contains 'eb'", true),
      ("guest.version before '10.0'", true),
      ("guest.version before '6.1'", false),
      ("machine.name matches '^[a-z]+[0-9]$'", true),
      ("machine.name matches '('", false),
      ("machine.disks.count == 2", true),
      ("target.share == 0.5", true),
      ("(machine.cpuCount == 1 or machine.cpuCount == 4) and target.cpuMax == 2", true),
      ("machine.cpuCount == 1 or machine.cpuCount == 4 and target.cpuMax == 3", false),
    ])
  func holds(text: String, expected: Bool) throws {
    #expect(try RuleExpression(text).holds(facts) == expected)
  }

  @Test(
    "what is not known is above and below nothing",
    arguments: [
      "machine.unknown > 1", "machine.unknown < 1", "1 > guest.empty", "machine.unknown", "machine.name > 1",
      "nobody.knows.this contains 'x'", "machine.name.deeper == 'web1'", "machine.unknown before '9'",
    ])
  func unknown(text: String) throws {
    #expect(try !RuleExpression(text).holds(facts))
  }

  @Test("but it can be asked for")
  func null() throws {
    #expect(try RuleExpression("machine.unknown == null and machine.name != null").holds(facts))
  }

  @Test(
    "what cannot be read is an error that says where",
    arguments: [
      "", "machine.cpuCount >", "(machine.tpm", "machine.tpm)", "machine.name == 'web1", "a b", "1.2.3 == 1", "a & b",
      "[1, 2", "and", String(repeating: "not ", count: 100) + "true", String(repeating: "(", count: 100),
      String(repeating: "a", count: 5000),
    ])
  func unreadable(text: String) {
    #expect(throws: RuleSyntaxError.self) { try RuleExpression(text) }
  }

  @Test("texts are filled in, with sizes as people read them")
  func filling() {
    let facts = RuleFacts(["machine": ["memoryBytes": 2_147_483_648, "tags": ["a", "b"], "tpm": false]])
    #expect(facts.fill("{machine.memoryBytes|bytes}, {machine.memoryBytes}") == "2 GiB, 2147483648")
    #expect(facts.fill("{machine.tags}; {machine.tpm}; {machine.other}") == "a, b; no; unknown")
    #expect(facts.fill("{not a fact} {}") == "{not a fact} {}")
  }
}
