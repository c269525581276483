import ConnectorProtocol

/// The order in which a job's resources are removed: the newest first, and each before those it depends on.
enum DeletionOrder {
  /// - Parameter resources: In the order in which they were made.
  static func order(_ resources: [Resource]) -> [Resource] {
    var remaining = Array(resources.reversed())
    var ordered: [Resource] = []
    while !remaining.isEmpty {
      // What nothing else left here depends on, or lies in, can go.
      let free = remaining.firstIndex { candidate in
        !remaining.contains { other in
          other != candidate && (other.dependsOn.contains(candidate.name) || other.parent == candidate.name)
        }
      }
      // A circle of dependencies is the platform's to refuse, not a reason to leave anything behind.
      ordered.append(remaining.remove(at: free ?? 0))
    }
    return ordered
  }
}
