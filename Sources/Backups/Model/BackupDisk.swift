public import Disks

/// One disk of a backup; `index` is its place in the machine, from 0.
public struct BackupDisk: Codable, Hashable, Sendable {
  public var index: Int
  public var chain: DiskChain

  public init(index: Int, chain: DiskChain) {
    self.index = index
    self.chain = chain
  }
}
