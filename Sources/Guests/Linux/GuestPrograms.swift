import CGuestfs
import Support

/// Runs programs of the guest in its own system while that is mounted in the appliance: with its files, but without its
/// services and without a network.
struct GuestPrograms {
  let guest: GuestfsHandle
  let architecture: String?

  /// Whether this computer's processor runs them.
  var canRun: Bool {
    #if arch(x86_64)
    ["x86_64", "i386", "i486", "i586", "i686"].contains(architecture)
    #elseif arch(arm64)
    architecture == "aarch64"
    #else
    false
    #endif
  }

  /// Runs a shell command.
  ///
  /// - Parameter seconds: The longest that it may take, where the guest has a program that ends it then. The appliance's
  ///   own limit ends it in any case.
  /// - Returns: What it printed.
  /// - Throws: `guest.callFailed` with what it said, when it fails or takes too long.
  func shell(_ command: String, about object: String, seconds: Int) throws(AscendError) -> String {
    let hasLimit = try guest.hasAny(["/usr/bin/timeout", "/bin/timeout"])
    let limited = hasLimit ? "timeout \(seconds) sh -c \(Self.quoted(command))" : command
    return try guest.text("running the guest's programs for", object) { raw in
      guestfs_sh(raw, "export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin; \(limited) </dev/null")
    }
  }

  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
