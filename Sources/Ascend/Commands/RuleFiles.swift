import Foundation
import Planning
import Support

/// The operator's preflight rules: `rules.yaml` in the state's folder, then the files that were named.
enum RuleFiles {
  static func read(_ paths: [String], state: StateDirectory) throws(AscendError) -> [Rule] {
    let own = state.path + "/rules.yaml"
    let files = (FileManager.default.fileExists(atPath: own) ? [own] : []) + paths
    var rules: [Rule] = []
    for file in files { rules += try ConfigurationFile.read(file, as: RuleSet.Document.self).rules }
    // Once here, where the file is known, rather than with each plan.
    _ = try RuleSet(adding: rules)
    return rules
  }
}
