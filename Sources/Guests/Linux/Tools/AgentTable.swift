import Foundation
import Support

/// The guest agents that are known, and how each is recognised, switched off and removed: `agents.json`.
struct AgentTable: Sendable {
  struct Agent: Decodable, Hashable, Sendable {
    /// What it is called where people read it.
    var name: String
    /// What distributions call its packages; platforms ask for it by any of these.
    var packages: [String]
    /// Its services in every kind of Linux' init systems. None for a tool of the operator's own, which stays on.
    var services: [String]
    /// Any of these says that a Linux has it; a star stands for anything but a slash.
    var traces: [String]
    /// Its services in Windows.
    var windowsServices: [String]?

    func isMeant(by names: [String]) -> Bool { names.contains { $0 == name || packages.contains($0) } }
  }

  let agents: [Agent]

  static func bundled() throws(AscendError) -> AgentTable {
    do {
      return AgentTable(agents: try JSONDecoder().decode([Agent].self, from: Data(PackageResources.agents_json)))
    } catch {
      throw AscendError.wrapping(error, as: "internal.resource", "The table of guest agents cannot be read")
    }
  }

  /// Those of a mounted Linux guest, in one question.
  func installed(_ guest: GuestfsHandle) throws(AscendError) -> [Agent] {
    found(among: try guest.glob("/{\(agents.flatMap(\.traces).map { $0.dropFirst() }.joined(separator: ","))}"))
  }

  func found(among paths: [String]) -> [Agent] {
    let paths = paths.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    return agents.filter { agent in agent.traces.contains { trace in paths.contains { Self.matches($0, trace) } } }
  }

  private static func matches(_ path: String, _ pattern: String) -> Bool {
    let (parts, wanted) = (path.split(separator: "/"), pattern.split(separator: "/"))
    return parts.count == wanted.count
      && zip(parts, wanted).allSatisfy { part, want in
        guard let star = want.firstIndex(of: "*") else { return part == want }
        return part.hasPrefix(want[..<star]) && part.hasSuffix(want[want.index(after: star)...])
      }
  }

  /// Those among the services of a Windows.
  func installed(_ hive: some RegistryReading, controlSet: String) throws(AscendError) -> [Agent] {
    var found: [Agent] = []
    for agent in agents {
      for service in agent.windowsServices ?? [] where try hive.has([controlSet, "Services", service]) {
        // 4 is a service that never starts.
        if try hive.value([controlSet, "Services", service], "Start")?.number == 4 { continue }
        found.append(agent)
        break
      }
    }
    return found
  }
}
