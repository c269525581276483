/// What a network interface can be connected to.
enum Network: String, CaseIterable, Sendable {
  case user
  case none

  var id: String { rawValue }

  var title: String {
    switch self {
    case .user: "User-mode network (outgoing only)"
    case .none: "No network (cable out)"
    }
  }
}
