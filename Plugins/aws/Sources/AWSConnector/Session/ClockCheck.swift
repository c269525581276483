import AWSClient
import ConnectorProtocol

/// How far this computer's clock is from the services': signatures are refused beyond a quarter of an hour.
enum ClockCheck {
  private static let tolerable = Duration.seconds(60)

  static func warnings(_ account: Account) -> [Diagnostic] {
    guard let offset = account.api.clockOffset, offset > tolerable || offset < .zero - tolerable else { return [] }
    let seconds = abs(offset.components.seconds)
    return [
      Diagnostic(
        severity: .warning, code: "clock.skew",
        summary: "The clock of this computer is \(seconds) s \(offset > .zero ? "behind" : "ahead of") that of AWS.",
        action: "Set it by NTP: beyond a quarter of an hour AWS refuses signatures, which are corrected for now.")
    ]
  }
}
