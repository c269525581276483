import ConnectorProtocol
import Support

/// The kernels of a guest that are given drivers, and what is said of those that are not.
struct PreparedKernels {
  let usable: [InstalledKernel]
  let warnings: [String]

  /// - Throws: `guest.initramfsUnreadable`, `guest.unifiedKernel` for a kernel that must be given drivers and cannot be.
  init(_ kernels: [InstalledKernel], drivers: [String], tool: InitramfsTool?) throws(AscendError) {
    let fitness = KernelFitness(kernels.map { $0.facts(drivers) }, needs: drivers)
    if let obstacle = fitness.obstacles.first(where: { !$0.isPassedOver }) {
      throw Self.refusal(obstacle, kernels[obstacle.index], tool)
    }
    let left = Set(fitness.obstacles.map(\.index) + fitness.complete)
    usable = kernels.indices.filter { !left.contains($0) }.map { kernels[$0] }
    warnings =
      fitness.obstacles.map { obstacle in
        "Kernel \(obstacle.kernel), which does not start by default, is left as it is and will not find its disks: "
          + Self.text(obstacle)
      }
      + fitness.complete.map { index in
        "The initramfs of kernel \(kernels[index].version) cannot be read and is left as it is: the drivers are in the "
          + "kernel itself"
      }
  }

  private static func text(_ obstacle: KernelFitness.Obstacle) -> String {
    switch obstacle.kind {
    case .noInitramfs: "it has no initramfs"
    case .unreadable: "its initramfs cannot be read (\(obstacle.detail))"
    case .unified: "its initramfs is in a unified kernel image (\(obstacle.detail))"
    }
  }

  private static func refusal(
    _ obstacle: KernelFitness.Obstacle, _ kernel: InstalledKernel, _ tool: InitramfsTool?
  ) -> AscendError {
    let command = tool.map { " (\($0.command(kernel.version)))" } ?? ""
    switch obstacle.kind {
    case .noInitramfs:
      return AscendError(
        "guest.initramfsUnreadable", "A kernel of the guest has no initramfs to add drivers to", object: kernel.image,
        remedy: "Let the source machine make one\(command) and back it up again")
    case .unreadable:
      return AscendError(
        "guest.initramfsUnreadable", "An initramfs of the guest could not be read", object: kernel.initramfs,
        cause: obstacle.detail,
        remedy: "Let the source machine make it anew\(command) and back it up again")
    case .unified:
      return AscendError(
        "guest.unifiedKernel", "A kernel of the guest starts from a unified kernel image", object: kernel.unified,
        cause: "Its initramfs is a part of one file, mostly a signed one, to which nothing can be added",
        remedy:
          "Let the source machine make the image with the drivers of the new platform, or an initramfs beside it, "
          + "and back it up again; or restore without guest preparation where the image has them already")
    }
  }
}
