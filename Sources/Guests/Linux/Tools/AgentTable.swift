import Foundation
import Support

/// The guest agents that are known, and how each is recognised and switched off: `agents.json`.
struct AgentTable: Sendable {
  struct Agent: Decodable, Hashable, Sendable {
    /// Mostly its package's.
    var name: String
    /// Names of its services in every kind of init system.
    var services: [String]
    /// Any of these says that it is installed.
    var traces: [String]
  }

  let agents: [Agent]

  static func bundled() throws(AscendError) -> AgentTable {
    do {
      return AgentTable(agents: try JSONDecoder().decode([Agent].self, from: Data(PackageResources.agents_json)))
    } catch {
      throw AscendError.wrapping(error, as: "internal.resource", "The table of guest agents cannot be read")
    }
  }
}
