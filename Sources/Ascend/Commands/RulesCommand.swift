import ArgumentParser
import ConnectorProtocol
import Planning
import Support

struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "The preflight rules that plans are held against.",
    discussion: """
      --json writes them in the form in which a file of rules is written: a rule of the same id in rules.yaml in the \
      state's folder, or in a file named with --rules, replaces one of them.
      """)

  @OptionGroup var options: GlobalOptions

  @Option(help: "A file of rules, JSON or YAML. May be repeated.")
  var rules: [String] = []

  func run() throws {
    let set = try RuleSet(adding: RuleFiles.read(rules, state: options.openState()))
    if options.json { return try Console.json(RuleSet.Document(rules: set.rules)) }
    var table = Table(["rule", "severity", "when"])
    for rule in set.rules {
      table.add([rule.id, rule.severity.rawValue, (rule.each.map { "for each of \($0): " } ?? "") + rule.when])
    }
    Console.out(table.text)
  }
}
