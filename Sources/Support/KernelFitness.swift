public import ConnectorProtocol

/// Which kernels of a Linux guest cannot be given drivers, and whether that matters. A plan and the preparation that
/// follows it must say the same of one guest: both ask here.
public struct KernelFitness: Sendable, Hashable {
  /// A kernel, with one initramfs, that cannot be given what it lacks.
  public struct Obstacle: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
      case noInitramfs, unreadable
      /// A unified kernel image holds its initramfs under a signature.
      case unified
    }

    /// Its place in the list of kernels.
    public var index: Int
    public var kernel: String
    public var kind: Kind
    /// Why it cannot be read, or the file that holds it.
    public var detail: String
    /// Another kernel starts by default and can be given drivers: this one is left as it is.
    public var isPassedOver: Bool
  }

  public let obstacles: [Obstacle]

  /// Places of kernels whose initramfs cannot be read but which need nothing of it: they are left as they are.
  public let complete: [Int]

  /// - Parameter needs: Drivers that must be there before the root disk is mounted.
  public init(_ kernels: [GuestFacts.Kernel], needs: [String]) {
    func plain(_ name: String) -> String { name.replacing("-", with: "_") }
    let wanted = Set(needs.map(plain))
    var found: [Obstacle] = []
    var complete: [Int] = []
    for (index, kernel) in kernels.enumerated() {
      let lacks = !wanted.isSubset(of: kernel.drivers.map(plain))
      if kernel.initramfs == nil {
        // Without one it has all that it needs, or never gets it.
        guard lacks else { continue }
        found.append(
          Obstacle(
            index: index, kernel: kernel.version, kind: kernel.unified == nil ? .noInitramfs : .unified,
            detail: kernel.unified ?? kernel.image ?? "", isPassedOver: false))
      } else if let reason = kernel.unreadable {
        guard lacks else {
          complete.append(index)
          continue
        }
        found.append(
          Obstacle(
            index: index, kernel: kernel.version, kind: .unreadable, detail: reason, isPassedOver: false))
      }
    }
    let unfit = Set(found.map(\.index))
    let fit = kernels.indices.filter { !unfit.contains($0) }.map { kernels[$0] }
    obstacles = found.map { obstacle in
      var obstacle = obstacle
      let kernel = kernels[obstacle.index]
      // A second initramfs of the same kernel is a fallback where its name says so.
      let isFallback = kernel.initramfs?.contains("fallback") ?? false
      obstacle.isPassedOver = fit.contains { other in
        other.version == kernel.version ? isFallback : kernel.startsByDefault == false
      }
      return obstacle
    }
    self.complete = complete
  }
}
