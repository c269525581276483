import Disks

/// Where a backup lies whose disks no file here holds: on a platform, whose connector reads them.
public struct RemoteOrigin: Codable, Hashable, Sendable {
  /// The target that tells how the platform is reached, by its id; its secrets are not here.
  public var target: String
  /// The connector.
  public var platform: String
  /// As somebody wrote them, in order: `ebs://snap-…`.
  public var addresses: [String]

  public init(target: String, platform: String, addresses: [String]) {
    self.target = target
    self.platform = platform
    self.addresses = addresses
  }

  /// The addresses as one, in place of a path.
  public var path: String { addresses.joined(separator: " ") }
}

extension Backup {
  /// The backup with its disks as they are offered, at the sockets of their places.
  public func offered(at sockets: [String]) -> Backup {
    withSockets { sockets.indices.contains($0) ? sockets[$0] : nil }
  }

  /// The backup as the catalog holds it: nobody offers its disks.
  public var withdrawn: Backup { withSockets { _ in nil } }

  /// True where its disks must be offered before they can be read.
  public var needsOffer: Bool {
    disks.contains { $0.chain.layers.contains { $0.remote != nil && $0.remote?.socket == nil } }
  }

  private func withSockets(_ socket: (_ place: Int) -> String?) -> Backup {
    var backup = self
    for disk in disks.indices {
      for layer in disks[disk].chain.layers.indices {
        guard let place = disks[disk].chain.layers[layer].remote?.place else { continue }
        backup.disks[disk].chain.layers[layer].remote?.socket = socket(place)
      }
    }
    return backup
  }
}
