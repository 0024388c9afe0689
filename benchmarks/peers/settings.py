"""A peer's settings, from the environment: BENCH_DATABASE_URL, BENCH_BROKER_URL, BENCH_SECRET."""

from functools import lru_cache

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BENCH_")

    database_url: str
    """postgresql://..., without a driver."""
    broker_url: str
    secret: str

    def sqlalchemy_url(self, driver: str) -> str:
        return self.database_url.replace("postgresql://", f"postgresql+{driver}://", 1)


@lru_cache
def settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # filled from the environment
